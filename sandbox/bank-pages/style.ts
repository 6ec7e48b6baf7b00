/** The one stylesheet of the bank pages, in the bank's colour. Light and dark, phone first. */
export const toStyle = (hue: number): string => `
:root{color-scheme:light dark;--hue:${hue};--ink:#16202b;--soft:#5b6876;--line:#dfe4ea;--ground:#f3f5f8;--sheet:#fff;
--brand:hsl(var(--hue) 62% 32%);--brand-ink:#fff;--wash:hsl(var(--hue) 55% 95%);--bad:#b3261e;--bad-wash:#fdecea;--note:#fff6dc;--note-ink:#5c4400}
@media (prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#9fabb8;--line:#2c3641;--ground:#0f151b;--sheet:#18212a;
--brand:hsl(var(--hue) 58% 68%);--brand-ink:#0b1116;--wash:hsl(var(--hue) 35% 17%);--bad:#ffb4ab;--bad-wash:#3b1512;--note:#33290c;--note-ink:#f4dfa0}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.note{margin:0;padding:.5rem 1rem;background:var(--note);color:var(--note-ink);font-size:.875rem;text-align:center}
main{max-width:30rem;margin:0 auto;padding:1.25rem 1rem 3rem}
header{display:flex;align-items:center;gap:.75rem;margin-bottom:1rem}
header p{margin:0;font-weight:600}
header small{display:block;color:var(--soft);font-weight:400}
.mark{flex:none;display:grid;place-items:center;width:2.5rem;height:2.5rem;border-radius:.75rem;background:var(--brand);color:var(--brand-ink);font-weight:700}
.sheet{background:var(--sheet);border:1px solid var(--line);border-radius:1rem;padding:1.25rem;box-shadow:0 1px 2px rgb(0 0 0/.05)}
h1{margin:0 0 .5rem;font-size:1.375rem;line-height:1.25;text-wrap:balance}
p{margin:0 0 1rem}
.lead{color:var(--soft)}
ul{margin:0 0 1rem;padding:0;list-style:none}
.banks{display:grid;gap:.5rem}
.banks a{display:flex;align-items:center;gap:.75rem;min-height:3.5rem;padding:.5rem .75rem;border:1px solid var(--line);border-radius:.75rem;color:inherit;text-decoration:none}
.banks a:hover{border-color:var(--brand);background:var(--wash)}
.banks span:last-child{margin-left:auto;color:var(--soft);font-size:.875rem}
.mark.small{width:2rem;height:2rem;border-radius:.6rem;font-size:.875rem}
label{display:block;font-weight:600;margin-bottom:.25rem}
input[type=text],input[type=password]{width:100%;min-height:2.875rem;padding:.5rem .75rem;margin-bottom:1rem;border:1px solid var(--soft);border-radius:.625rem;background:var(--sheet);color:inherit;font:inherit}
fieldset{margin:0 0 1rem;padding:0;border:0;min-width:0}
legend{padding:0;font-weight:600;margin-bottom:.5rem}
.account{display:flex;gap:.75rem;align-items:center;min-height:3.5rem;padding:.5rem .75rem;margin-bottom:.5rem;border:1px solid var(--line);border-radius:.75rem;font-weight:400;cursor:pointer}
.account:has(:checked){border-color:var(--brand);background:var(--wash)}
.account b,.account small{display:block}
.account small{color:var(--soft)}
.account output{margin-left:auto;font-variant-numeric:tabular-nums;text-align:right;white-space:nowrap}
input[type=checkbox]{flex:none;width:1.25rem;height:1.25rem;accent-color:var(--brand)}
.terms li{padding-left:1.5rem;position:relative;margin-bottom:.25rem}
.terms li::before{content:"✓";position:absolute;left:0;color:var(--brand);font-weight:700}
button{width:100%;min-height:3rem;padding:.5rem 1rem;margin-top:.5rem;border:1px solid transparent;border-radius:.75rem;background:var(--brand);color:var(--brand-ink);font:inherit;font-weight:600;cursor:pointer}
button.plain{background:none;border-color:var(--line);color:var(--brand)}
button.quiet{background:none;color:var(--soft);font-weight:400;text-decoration:underline}
.wrong{padding:.75rem;border-radius:.625rem;background:var(--bad-wash);color:var(--bad)}
.done{padding:.75rem;border-radius:.625rem;background:var(--wash)}
.sheet>:last-child{margin-bottom:0}
.try{margin:1rem 0;padding:.75rem;border:1px dashed var(--soft);border-radius:.625rem}
.try>:last-child{margin-bottom:0}
select{width:100%;min-height:2.875rem;padding:.5rem .75rem;border:1px solid var(--soft);border-radius:.625rem;background:var(--sheet);color:inherit;font:inherit}
.aside{margin-top:1rem;color:var(--soft);font-size:.875rem;text-align:center}
footer{margin-top:1rem;color:var(--soft);font-size:.8125rem;text-align:center}
:focus-visible{outline:3px solid var(--brand);outline-offset:2px}
`;
