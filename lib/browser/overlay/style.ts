// How the overlay looks: light and dark, from 360 pixels up.
export const STYLE = `
:host { all: initial !important }
* { box-sizing: border-box; margin: 0 }
dialog {
  --panel: #fff; --ink: #1a1d24; --dim: #5a6373; --line: #e3e6eb; --well: #f6f7f9; --accent: #c92a2a; --soft: #fdecec; --link: #1c5fc7; --hover: #eef0f4;
  position: fixed; inset: 0; width: 100%; height: 100%; max-width: none; max-height: none; border: 0; outline: 0; background: none; overflow: hidden;
  padding: max(16px, env(safe-area-inset-top)) max(16px, env(safe-area-inset-right)) max(16px, env(safe-area-inset-bottom)) max(16px, env(safe-area-inset-left));
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; color: var(--ink); color-scheme: light; text-align: start
}
dialog[open] { display: flex; justify-content: center; align-items: flex-start }
dialog.warning { --accent: #96590a; --soft: #fff4df }
dialog::backdrop { background: #11151c8c }
.panel {
  display: flex; flex-direction: column; width: 880px; max-width: 100%; --above: min(6vh, 56px); max-height: min(100% - var(--above), 860px); margin-top: var(--above); overflow: hidden;
  border: 1px solid var(--line); border-top: 3px solid var(--accent); border-radius: 12px; background: var(--panel); box-shadow: 0 2px 6px #0000001f, 0 24px 64px #00000047
}
header { display: flex; align-items: center; gap: 8px 16px; padding: 14px 14px 14px 22px; border-bottom: 1px solid var(--line) }
.title { display: flex; flex: 1; flex-wrap: wrap; align-items: baseline; gap: 0 12px; min-width: 0 }
h1 { font: 650 17px/1.4 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; letter-spacing: -.01em; outline: 0 }
.origin { color: var(--dim); font-size: 13px; overflow-wrap: anywhere }
.pages, .tools { display: flex; align-items: center; gap: 2px; flex: none }
.pages[hidden] { display: none }
.count { min-width: 52px; color: var(--dim); font-size: 13px; text-align: center; font-variant-numeric: tabular-nums; white-space: nowrap }
button { border: 0; background: none; color: inherit; font: inherit; cursor: pointer; -webkit-tap-highlight-color: transparent }
button:focus-visible, pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.tool { display: grid; place-items: center; width: 32px; height: 32px; padding: 0; border-radius: 8px; color: var(--dim) }
.tool:hover { background: var(--hover); color: var(--ink) }
svg { width: 16px; height: 16px; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round }
.body { flex: 1 1 auto; min-height: 0; padding: 18px 22px 22px; overflow: auto; overscroll-behavior: contain }
.where { display: flex; flex-wrap: wrap; align-items: baseline; gap: 6px 10px; margin-bottom: 10px }
.tag { display: inline-block; padding: 1px 8px; border-radius: 999px; background: var(--soft); color: var(--accent); font-size: 12px; font-weight: 650; letter-spacing: .02em }
.tag::first-letter { text-transform: uppercase }
.place, .message, .frame { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace }
.place { padding: 0; color: var(--dim); font-size: 13px; text-align: start; overflow-wrap: anywhere; unicode-bidi: isolate }
.link { color: var(--link); text-decoration: underline; text-decoration-color: color-mix(in srgb, currentColor 40%, transparent); text-underline-offset: 3px; border-radius: 3px }
.link:hover { text-decoration-color: currentColor }
.message { font-size: 15px; line-height: 1.55; white-space: pre-wrap; overflow-wrap: anywhere }
.frame { margin-top: 16px; padding: 12px 0; border: 1px solid var(--line); border-radius: 8px; background: var(--well); font-size: 13px; line-height: 1.65; overflow-x: auto; tab-size: 2 }
code { display: block; width: max-content; min-width: 100%; font: inherit }
.row { display: block; padding: 0 16px 0 13px; border-inline-start: 3px solid transparent; white-space: pre }
.row:empty { display: none }
.number { padding-inline-end: 1ch; color: var(--dim); opacity: .75; user-select: none; -webkit-user-select: none }
.hit { background: var(--soft); border-color: var(--accent) }
.hit .number { color: var(--accent); opacity: 1 }
.pointer { color: var(--accent); font-weight: 700 }
footer { display: flex; align-items: center; gap: 12px; padding: 10px 14px 10px 16px; border-top: 1px solid var(--line); color: var(--dim); font-size: 13px }
.plain { flex: none; padding: 5px 12px; border: 1px solid var(--line); border-radius: 8px; color: var(--ink); font-weight: 500 }
.plain:hover { background: var(--hover) }
.status { flex: 1; min-width: 0; overflow-wrap: anywhere }
.status::first-letter { text-transform: uppercase }
.hint { flex: none }
.said { position: fixed; width: 1px; height: 1px; padding: 0; border: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media (prefers-color-scheme: dark) {
  dialog { --panel: #191c22; --ink: #e8eaee; --dim: #a0a8b6; --line: #2d323c; --well: #111318; --accent: #ff7b7b; --soft: #4a1f23; --link: #82b1ff; --hover: #262b34; color-scheme: dark }
  dialog.warning { --accent: #f3b557; --soft: #40301a }
  dialog::backdrop { background: #05070aa6 }
  .panel { box-shadow: 0 24px 64px #000000a6 }
}
@media (max-width: 600px) {
  dialog { padding: max(8px, env(safe-area-inset-top)) max(8px, env(safe-area-inset-right)) max(8px, env(safe-area-inset-bottom)) max(8px, env(safe-area-inset-left)) }
  .panel { --above: 0px }
  header { flex-wrap: wrap; padding: 10px 8px 10px 16px }
  .title { flex-basis: 40% }
  .pages { order: 3; width: 100%; margin-inline-start: -8px }
  .tool { width: 40px; height: 40px }
  .body { padding: 14px 16px 16px }
  .message { font-size: 14px }
  .frame { margin-inline: -6px; font-size: 12px }
  .hint { display: none }
  .plain { padding: 8px 14px }
}
@media (prefers-reduced-motion: no-preference) {
  dialog[open] .panel { animation: rise .16s ease-out }
  dialog[open]::backdrop { animation: dim .16s ease-out }
}
@keyframes rise { from { opacity: 0; transform: translateY(8px) } }
@keyframes dim { from { opacity: 0 } }
@media print { dialog { display: none !important } }
`
