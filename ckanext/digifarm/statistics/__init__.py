"""What came of it: numbers over time, read from what has happened.

`replay` tells all events anew and books what they mean for the numbers of
`numbers`; `booking` keeps them by months in a small table; `reading` answers
from that alone.
"""
