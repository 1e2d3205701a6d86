// How the pages for errors look, and the few lines that open places in an editor.

export const STYLE = `
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --ink: #1b1f24; --soft: #5b6470; --line: #dfe3e8; --mark: #c8252c; --tint: #fdecec; --link: #0b57d0; }
@media (prefers-color-scheme: dark) { :root { --back: #0f1216; --card: #171b21; --ink: #e7eaee; --soft: #98a2ae; --line: #2a3038; --mark: #ff7b7b; --tint: #3a1d20; --link: #8ab4ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: clamp(1rem, 4vw, 3rem) clamp(1rem, 4vw, 2rem); }
header { border-left: 4px solid var(--mark); padding-left: 1rem; margin-bottom: 2rem; }
.status { margin: 0; color: var(--soft); }
.status b { color: var(--mark); }
h1 { font-size: clamp(1.3rem, 4vw, 1.9rem); line-height: 1.25; margin: .25rem 0; overflow-wrap: anywhere; white-space: pre-wrap; }
h2 { font-size: 1.1rem; overflow-wrap: anywhere; white-space: pre-wrap; }
h2 small { display: block; color: var(--soft); font-weight: normal; }
.kind { margin: 0; color: var(--soft); }
code, pre, .place, .row { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .875rem; }
figure { margin: 0 0 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
figcaption { padding: .6rem 1rem; overflow-wrap: anywhere; }
.name { color: var(--soft); }
.place { border: 0; padding: 0; background: none; color: inherit; text-align: left; overflow-wrap: anywhere; }
button.place { color: var(--link); cursor: pointer; text-decoration: underline; text-underline-offset: 3px; }
button.place:focus-visible, pre:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
pre { margin: 0; padding: .5rem 0; overflow-x: auto; border-top: 1px solid var(--line); }
pre.message { border: 0; padding: .75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 60vh; }
pre code { display: inline-block; min-width: 100%; }
.row { display: block; padding: 0 1rem 0 0; white-space: pre; tab-size: 2; }
.row i { display: inline-block; width: 4rem; padding-right: 1rem; text-align: right; color: var(--soft); font-style: normal; user-select: none; }
.here { background: var(--tint); box-shadow: inset 4px 0 var(--mark); }
.here i { color: var(--mark); font-weight: bold; }
details { margin: 0 0 1.5rem; color: var(--soft); }
summary { cursor: pointer; padding: .25rem 0; }
ol { margin: .5rem 0; padding-left: 1.5rem; overflow-wrap: anywhere; }
.cause { margin-top: 2rem; padding-top: .5rem; border-top: 1px solid var(--line); }
dl { margin: 2rem 0 1rem; padding-top: 1rem; border-top: 1px solid var(--line); display: grid; gap: .5rem; }
dl div { display: grid; grid-template-columns: minmax(6rem, 8rem) 1fr; gap: 1rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
footer { color: var(--soft); }
footer p::before { content: ''; display: inline-block; width: .5rem; height: .5rem; margin-right: .5rem; border-radius: 50%; background: #2ea043; }
footer p.failed { color: var(--mark); }
footer p.failed::before { background: var(--mark); }
`

export const SCRIPT = `(() => {
  const base = document.currentScript.src
  const said = document.querySelector('[role=status]')
  document.addEventListener('click', async ({ target }) => {
    const place = target.closest('[data-file]')
    if (!place) return
    const { file, line, column } = place.dataset
    const token = document.querySelector('script[data-live-reload]')?.dataset.token ?? ''
    const tell = (text, failed) => { said.textContent = text; said.classList.toggle('failed', failed) }
    try {
      const answer = await fetch(new URL('open?' + new URLSearchParams({ token }), base), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ file, line: Number(line), column: Number(column) })
      })
      tell(answer.ok ? 'Opening ' + file + ' in your editor.' : (await answer.json()).message, !answer.ok)
    } catch {
      tell('The server does not answer.', true)
    }
  })
})()
`
