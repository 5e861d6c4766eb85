"""How pages in frames look: they have no style sheet, and no script.

They bring their own background, as nobody knows what they stand on.
"""

STYLE = """
:root { color-scheme: light dark; --ink: #1d2327; --soft: #4a545c;
  --paper: #fff; --line: #c9d0d6; --link: #0b5394; --badge: #eef1f4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f0f3f5; --soft: #c0c9d0; --paper: #1b1f23; --line: #4b555d;
    --link: #8cc4ff; --badge: #2c333a; }
}
* { box-sizing: border-box; }
html { background: var(--paper); }
body { margin: 0; color: var(--ink); background: var(--paper);
  font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
main { padding: .75rem; }
a { color: var(--link); }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h1, h2, p { margin: 0 0 .4rem; }
h1, h2 { font-size: 1.15rem; line-height: 1.25; }
ul { display: grid; gap: .75rem; margin: .75rem 0; padding: 0;
  list-style: none; grid-template-columns: repeat(auto-fill,
  minmax(min(16rem, 100%), 1fr)); }
article { display: flex; flex-direction: column; height: 100%;
  border: 1px solid var(--line); border-radius: .4rem; overflow: hidden; }
article > div { padding: .75rem; flex: 1; }
article img { display: block; width: 100%; height: 7rem;
  object-fit: cover; }
.one { min-height: calc(100vh - 1.5rem); max-width: 48rem; }
.one img { height: 5rem; }
.badge { display: inline-block; padding: .05rem .5rem; font-size: .85rem;
  border: 1px solid var(--line); border-radius: .4rem;
  background: var(--badge); }
.summary { display: -webkit-box; -webkit-line-clamp: 4;
  -webkit-box-orient: vertical; overflow: hidden; }
.wanted, .from { font-size: .9rem; }
.from { margin: .6rem 0 0; color: var(--soft); }
@media (min-width: 30rem) {
  .one { flex-direction: row; }
  .one img { width: 40%; height: auto; min-height: 12rem; }
}
"""
