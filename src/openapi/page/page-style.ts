/** Follows the reader's choice of light or dark. No font, picture or other file is loaded. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: light-dark(#1c2024, #e6e8eb); --soft: light-dark(#60646c, #9ba1a6); --line: light-dark(#e0e3e8, #2f3336);
  --ground: light-dark(#fff, #151718); --raised: light-dark(#f6f7f9, #1d2022); --link: light-dark(#0b63ce, #70b8ff); }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: var(--ground); font: 15px/1.5 system-ui, sans-serif; display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1rem; border-right: 1px solid var(--line); background: var(--raised); }
nav h1 { font-size: 1.1rem; margin: 0; } nav h2 { font-size: .75rem; text-transform: uppercase; letter-spacing: .05em; color: var(--soft); margin: 1rem 0 .25rem; }
nav ul { list-style: none; margin: 0; padding: 0; } nav li a { display: block; padding: .1rem 0; overflow-wrap: anywhere; }
nav input { width: 100%; margin-top: .75rem; padding: .35rem .5rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 6px; }
main { padding: 1rem 2rem 4rem; max-width: 62rem; }
.operation, .schema { border-top: 1px solid var(--line); padding: .5rem 0 1rem; }
h2 { margin: 2rem 0 .25rem; } h3 { margin: .75rem 0 .25rem; overflow-wrap: anywhere; } h4 { margin: 1rem 0 .25rem; }
p { margin: .25rem 0; }
.method { font: 700 11px/1 ui-monospace, monospace; padding: .2rem .35rem; border-radius: 4px; text-transform: uppercase; color: #fff; background: #5b6470; }
.get { background: #0a7a4b; } .post { background: #0b63ce; } .delete { background: #c62a2f; } .patch { background: #9a5b00; }
.status { font: 600 13px ui-monospace, monospace; } .s2, .s3 { color: light-dark(#0a7a4b, #4cc38a); } .s4, .s5 { color: light-dark(#c62a2f, #ff8080); }
pre { overflow-x: auto; margin: 0; padding: .75rem; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--soft); }
dl.fields { margin: .25rem 0; } dl.fields dl.fields { margin-left: 0; padding-left: .75rem; border-left: 2px solid var(--line); }
dt { margin-top: .4rem; overflow-wrap: anywhere; } dd { margin: 0 0 0 1rem; color: var(--soft); }
.type, .bound { color: var(--soft); font-size: .87rem; } .bound::before { content: ', '; }
.tag { font-size: .7rem; font-weight: 600; color: var(--soft); border: 1px solid var(--line); border-radius: 4px; padding: 0 .25rem; }
ul.choices { padding-left: 1rem; } .copy { float: right; font: inherit; font-size: .75rem; cursor: pointer; }
[hidden] { display: none; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; } main { padding: 1rem; } }
`;
