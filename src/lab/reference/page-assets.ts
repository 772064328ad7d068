/** Colours are the control room's own (themes/dark.json, themes/light.json). */
export const style = `
:root{color-scheme:dark light;--bg:#0d1117;--raised:#161b22;--line:#30363d;--text:#e6edf3;--muted:#8b949e;--link:#58a6ff;--get:#3fb950;--post:#58a6ff;--patch:#d29922;--delete:#f85149;--put:#d29922}
@media (prefers-color-scheme:light){:root{--bg:#fff;--raised:#f6f8fa;--line:#d0d7de;--text:#1f2328;--muted:#59636e;--link:#0969da;--get:#1a7f37;--post:#0969da;--patch:#9a6700;--delete:#cf222e;--put:#9a6700}}
*{box-sizing:border-box}html{scroll-behavior:smooth;scroll-padding-top:1rem}
body{margin:0;display:grid;grid-template-columns:20rem minmax(0,1fr);background:var(--bg);color:var(--text);font:15px/1.55 system-ui,sans-serif}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}a:focus-visible,input:focus-visible{outline:2px solid var(--link);outline-offset:2px}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;background:var(--raised);border-right:1px solid var(--line);font-size:13px}
nav h1{font-size:16px;margin:0 0 .75rem}nav h1 a{color:var(--text)}nav h1 span{color:var(--muted);font-weight:400}
nav h2{font-size:12px;text-transform:uppercase;letter-spacing:.06em;color:var(--muted);margin:1.1rem 0 .3rem}nav h2 a{color:inherit}
nav ul{list-style:none;margin:0;padding:0}nav li a{display:flex;gap:.5rem;padding:.12rem .3rem;border-radius:4px;color:var(--text);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
nav li a:hover{background:var(--bg);text-decoration:none}
input{width:100%;padding:.45rem .6rem;border:1px solid var(--line);border-radius:6px;background:var(--bg);color:var(--text);font:inherit}
main{padding:1.5rem 2.5rem 6rem;max-width:70rem;min-width:0}.intro{color:var(--muted);max-width:48rem}
.group>h2{margin:2.5rem 0 .5rem;font-size:22px;border-bottom:1px solid var(--line);padding-bottom:.3rem}
article{padding:1rem 0 1.4rem;border-bottom:1px solid var(--line)}article:target{box-shadow:-3px 0 0 var(--link);padding-left:1rem;margin-left:-1rem}
h3{font-size:16px;margin:0 0 .3rem;overflow-wrap:anywhere}h3 .here{color:var(--muted);font-weight:400}h4{margin:1rem 0 .3rem;font-size:12px;text-transform:uppercase;letter-spacing:.06em;color:var(--muted)}
p{margin:.3rem 0}.facts{display:flex;flex-wrap:wrap;gap:.3rem 1rem;color:var(--muted);font-size:13px}
b.get,b.post,b.patch,b.delete,b.put{display:inline-block;min-width:4.6em;text-transform:uppercase;font-size:.8em;letter-spacing:.03em}
b.get{color:var(--get)}b.post{color:var(--post)}b.patch{color:var(--patch)}b.delete{color:var(--delete)}b.put{color:var(--put)}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}pre{background:var(--raised);border:1px solid var(--line);border-radius:6px;padding:.7rem .9rem;overflow:auto;margin:.3rem 0}
table{border-collapse:collapse;width:100%;font-size:14px}th,td{text-align:left;vertical-align:top;padding:.25rem .8rem .25rem 0;border-top:1px solid var(--line);font-weight:400;overflow-wrap:anywhere}
th{width:26%}td:nth-child(2){width:34%;color:var(--muted)}th i{color:var(--delete);font-style:normal;margin-left:.15rem}small{color:var(--muted)}
[hidden]{display:none}
@media (max-width:60rem){body{display:block}nav{position:static;height:auto;max-height:45vh;border-right:0;border-bottom:1px solid var(--line)}main{padding:1rem}th,td{display:block;width:auto!important;border:0;padding:.05rem 0}tr{display:block;border-top:1px solid var(--line);padding:.3rem 0}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
`;

/** Narrows routes and contents to what is typed; \`/\` goes to the field. The page is whole without it. */
export const script = `
const find=document.getElementById("find"),none=document.getElementById("none");
find.hidden=false;
const rows=[...document.querySelectorAll("[data-words]")],groups=[...document.querySelectorAll("section")];
find.addEventListener("input",()=>{
  const words=find.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown=0;
  for(const row of rows){row.hidden=!words.every((word)=>row.dataset.words.includes(word));if(!row.hidden&&row.tagName==="ARTICLE")shown++}
  for(const group of groups){const inner=[...group.querySelectorAll("[data-words]")];group.hidden=inner.length>0&&inner.every((row)=>row.hidden)}
  none.hidden=shown>0;
});
addEventListener("keydown",(event)=>{
  if(event.key==="/"&&document.activeElement!==find){event.preventDefault();find.focus();find.select()}
  if(event.key==="Escape"&&document.activeElement===find){find.value="";find.dispatchEvent(new Event("input"));find.blur()}
});
`;
