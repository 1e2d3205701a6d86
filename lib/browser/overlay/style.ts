// How the overlay looks: light and dark, from 360 pixels up.
export const STYLE = `
:host { all: initial !important }
* { box-sizing: border-box; margin: 0 }
dialog {
  --panel: #fff; --ink: #1a1d24; --dim: #5a6373; --line: 1px solid #e3e6eb; --well: #f6f7f9; --accent: #c92a2a; --soft: #fdecec; --link: #1c5fc7; --hover: #eef0f4;
  --gap: 16px; --above: min(6vh, 56px);
  position: fixed; inset: 0; width: 100%; height: 100%; max-width: none; max-height: none; border: 0; outline: 0; background: none; overflow: hidden;
  padding: max(var(--gap), env(safe-area-inset-top)) max(var(--gap), env(safe-area-inset-right)) max(var(--gap), env(safe-area-inset-bottom)) max(var(--gap), env(safe-area-inset-left));
  font: 15px/1.5 system-ui, sans-serif; color: var(--ink); color-scheme: light dark
}
dialog[open] { display: flex; justify-content: center; align-items: flex-start }
.warning { --accent: #96590a; --soft: #fff4df }
dialog::backdrop { background: #11151c8c }
.panel {
  display: flex; flex-direction: column; width: 880px; max-width: 100%; max-height: min(100% - var(--above), 860px); margin-top: var(--above); overflow: hidden;
  border: var(--line); border-top: 3px solid var(--accent); border-radius: 12px; background: var(--panel); box-shadow: 0 2px 6px #0000001f, 0 24px 64px #0006
}
header, footer, .title, .pages, .tools { display: flex; align-items: center }
header { gap: 8px 16px; padding: 14px 14px 14px 22px; border-bottom: var(--line) }
.title, .where { flex-wrap: wrap; align-items: baseline; gap: 6px 10px }
.title { flex: 1; gap: 0 12px; min-width: 0 }
h1 { font: 650 17px/1.4 system-ui, sans-serif; outline: 0 }
.origin, .count, .place, footer { color: var(--dim); font-size: 13px }
.origin, .place, .message, .status { overflow-wrap: anywhere }
.pages[hidden], .row:empty { display: none }
.pages, .tools { gap: 2px }
.count { min-width: 52px; text-align: center; font-variant-numeric: tabular-nums; white-space: nowrap }
button { border: 0; background: none; color: inherit; font: inherit; cursor: pointer }
button:focus-visible, pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.tool { display: grid; place-items: center; width: 32px; height: 32px; padding: 0; border-radius: 8px; color: var(--dim) }
.tool:hover { color: var(--ink) }
.tool:hover, .plain:hover { background: var(--hover) }
svg { width: 16px; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round }
.body { padding: 18px 22px 22px; overflow: auto; overscroll-behavior: contain }
.where { display: flex; margin-bottom: 10px }
.tag { padding: 1px 8px; border-radius: 99px; background: var(--soft); color: var(--accent); font-size: 12px; font-weight: 650 }
.tag::first-letter, .status::first-letter { text-transform: uppercase }
.place, .message, pre, code { font-family: ui-monospace, Menlo, Consolas, monospace }
.place { padding: 0; text-align: start; unicode-bidi: isolate }
.link { color: var(--link); text-decoration: underline; text-underline-offset: 3px }
.message { line-height: 1.55; white-space: pre-wrap }
pre { margin-top: 16px; padding: 12px 0; border: var(--line); border-radius: 8px; background: var(--well); font-size: 13px; line-height: 1.65; overflow-x: auto; tab-size: 2 }
code { display: block; width: max-content; min-width: 100% }
.row { display: block; padding: 0 16px 0 13px; border-inline-start: 3px solid #0000 }
.number { padding-inline-end: 1ch; color: var(--dim); opacity: .75; user-select: none; -webkit-user-select: none }
.hit { background: var(--soft); border-color: var(--accent) }
.hit .number, .pointer { color: var(--accent); opacity: 1 }
.pointer { font-weight: 700 }
footer { gap: 12px; padding: 10px 14px 10px 16px; border-top: var(--line) }
.plain { flex: none; padding: 5px 12px; border: var(--line); border-radius: 8px; color: var(--ink); font-weight: 500 }
.status { flex: 1 }
.said { position: fixed; width: 1px; height: 1px; padding: 0; border: 0; overflow: hidden; clip-path: inset(50%) }
@media (prefers-color-scheme: dark) {
  dialog { --panel: #191c22; --ink: #e8eaee; --dim: #a0a8b6; --line: 1px solid #2d323c; --well: #111318; --accent: #ff7b7b; --soft: #4a1f23; --link: #82b1ff; --hover: #262b34 }
  .warning { --accent: #f3b557; --soft: #40301a }
  dialog::backdrop { background: #05070aa6 }
}
@media (max-width: 600px) {
  dialog { --gap: 8px; --above: 0px }
  header { flex-wrap: wrap; padding: 10px 8px 10px 16px }
  .title { flex-basis: 40% }
  .pages { order: 3; width: 100%; margin-inline-start: -8px }
  .tool { width: 40px; height: 40px }
  .body { padding: 14px 16px 16px }
  .message { font-size: 14px }
  pre { margin-inline: -6px; font-size: 12px }
  .hint { display: none }
  .plain { padding: 8px 14px }
}
@media (prefers-reduced-motion: no-preference) {
  .panel { animation: rise .16s ease-out }
}
@keyframes rise { from { opacity: 0; transform: translateY(8px) } }
@media print { dialog { display: none !important } }
`
