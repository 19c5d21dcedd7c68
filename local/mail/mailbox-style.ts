export const mailboxStyle = `
:root { color-scheme: light dark; --ink: #1d2330; --soft: #667085; --line: #dfe3ea; --paper: #fff; --ground: #f5f6f8; --link: #2456c8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #303743; --paper: #191d24; --ground: #11141a; --link: #8fb0ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0.5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 0.85rem; color: var(--soft); margin: 1.5rem 0 0.5rem; }
a { color: var(--link); }
p { color: var(--soft); margin: 0 0 1rem; }
nav { display: flex; justify-content: space-between; gap: 1rem; }
ul { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); overflow: hidden; }
ul:empty { display: none; }
li + li { border-top: 1px solid var(--line); }
li a { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: 0.75rem 1rem; color: inherit; text-decoration: none; }
li a:hover, li a:focus-visible { background: var(--ground); }
li strong { overflow-wrap: anywhere; }
li span { grid-column: 1 / -1; }
li span, time { color: var(--soft); font-size: 0.9rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; margin: 1rem 0; font-size: 0.9rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
iframe { width: 100%; height: 65vh; border: 1px solid var(--line); border-radius: 10px; background: #fff; color-scheme: light; }
pre { margin: 0; padding: 1rem; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); white-space: pre-wrap; overflow-wrap: anywhere; }
`;
