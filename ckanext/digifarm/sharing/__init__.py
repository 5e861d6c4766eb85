"""What is seen elsewhere: in a chat, on paper, in a search engine.

Everything here says only what the page it is of says to everybody.
"""
