// How the overlay looks: light and dark, from 320 pixels up.
export const STYLE = `
:host { all: initial !important; display: contents !important }
* { box-sizing: border-box; margin: 0 }
dialog {
  --panel: #fff; --ink: #1a1d24; --dim: #5a6373; --line: 1px solid #e3e6eb; --well: #f6f7f9; --error: #c92a2a; --error-soft: #fdecec; --warning: #96590a; --warning-soft: #fff4df; --link: #1c5fc7; --hover: #eef0f4;
  --gap: 16px; --above: min(6vh, 56px); --side: 22px;
  position: fixed; inset: 0; width: 100%; height: 100%; max-width: none; max-height: none; border: 0; outline: 0; background: none; overflow: hidden;
  padding: max(var(--gap), env(safe-area-inset-top)) max(var(--gap), env(safe-area-inset-right)) max(var(--gap), env(safe-area-inset-bottom)) max(var(--gap), env(safe-area-inset-left));
  font: 15px/1.5 system-ui, sans-serif; color: var(--ink); color-scheme: light dark
}
dialog[open] { display: flex; justify-content: center; align-items: flex-start }
dialog::backdrop { background: #11151c8c }
.error { --accent: var(--error); --soft: var(--error-soft) }
.warning { --accent: var(--warning); --soft: var(--warning-soft) }
.panel {
  width: 880px; max-width: 100%; max-height: min(100% - var(--above), 860px); margin-top: var(--above); overflow: auto; overscroll-behavior: contain; isolation: isolate;
  border: var(--line); border-top: 3px solid var(--accent); border-radius: 12px; background: var(--panel); box-shadow: 0 2px 6px #0000001f, 0 24px 64px #0006
}
/* A text that is selected beyond the panel is no click beside it. */
.panel:active::before { content: ''; position: fixed; inset: 0; z-index: -1 }
header, footer { position: sticky; z-index: 1; display: flex; align-items: center; background: var(--panel) }
/* Half pixels are rounded: nothing may be seen past them. */
header { top: -1px; gap: 2px; padding: 13px 12px 12px var(--side); border-bottom: var(--line) }
h1 { font: 650 17px/1.4 system-ui, sans-serif; outline: 0 }
.count, .origin, .place, footer { color: var(--dim); font-size: 13px }
.count { flex: 1; padding: 2px 12px 0; white-space: nowrap }
button { border: 0; background: none; color: inherit; font: inherit; cursor: pointer }
button:focus-visible, pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.tool { flex: none; width: 32px; height: 32px; padding: 0; border-radius: 8px; color: var(--dim); font: 23px/28px system-ui, sans-serif }
.tool:hover { color: var(--ink) }
.tool:hover, .plain:hover { background: var(--hover) }
ol { padding: 0 var(--side); list-style: none }
/* What has the focus is not below the header or the footer. */
ol button, pre { scroll-margin: 70px }
li { padding: 18px 0 22px }
li + li { border-top: var(--line) }
.where { display: flex; flex-wrap: wrap; align-items: baseline; gap: 6px 10px; margin-bottom: 10px }
.origin, .place, .message, .status { overflow-wrap: anywhere }
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
footer { bottom: -1px; gap: 12px; padding: 10px 14px 11px 16px; border-top: var(--line) }
.plain { flex: none; padding: 5px 12px; border: var(--line); border-radius: 8px; color: var(--ink); font-weight: 500 }
.status { flex: 1 }
output, textarea { position: fixed; width: 1px; height: 1px; padding: 0; border: 0; overflow: hidden; clip-path: inset(50%) }
@media (prefers-color-scheme: dark) {
  dialog { --panel: #191c22; --ink: #e8eaee; --dim: #a0a8b6; --line: 1px solid #2d323c; --well: #111318; --error: #ff7b7b; --error-soft: #4a1f23; --warning: #f3b557; --warning-soft: #40301a; --link: #82b1ff; --hover: #262b34 }
  dialog::backdrop { background: #05070aa6 }
}
@media (max-width: 600px) {
  dialog { --gap: 8px; --above: 0px; --side: 16px }
  header { padding: 7px 6px 6px var(--side) }
  .tool { width: 40px; height: 40px; line-height: 36px }
  li { padding: 14px 0 18px }
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
