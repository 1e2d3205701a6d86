// How the status page looks: light and dark, from 320 pixels up.
export const STYLE = `
:root {
  --page: #f5f6f8; --panel: #fff; --ink: #1a1d24; --dim: #5a6373; --line: #e3e6eb; --well: #f6f7f9; --link: #1c5fc7; --hover: #eef0f4;
  --good: #0b7a3d; --good-soft: #e3f6ea; --bad: #c92a2a; --bad-soft: #fdecec; --warn: #8a5206; --warn-soft: #fff1d8; --calm: #4b5565; --calm-soft: #eceef2;
  --seen: #98a2b3; --built: #3b82f6; --sent: #e29a1c; --applied: #15a35b; --last: #a4dcbc;
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; color: var(--ink); background: var(--page); color-scheme: light
}
* { box-sizing: border-box; margin: 0 }
body { max-width: 1120px; margin: 0 auto; padding: 28px 24px 48px }
h1 { font-size: 20px; font-weight: 680; letter-spacing: -.015em; line-height: 1.3 }
h2 { font-size: 15px; font-weight: 640; letter-spacing: -.005em }
a { color: var(--link) }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 12px 14px; margin-bottom: 20px }
.about { flex: 1; min-width: 0; color: var(--dim); font-size: 13px; text-align: end; font-variant-numeric: tabular-nums }
.pill { display: inline-flex; align-items: center; gap: 7px; padding: 2px 11px 2px 9px; border-radius: 99px; font-size: 13px; font-weight: 600; white-space: nowrap; background: var(--calm-soft); color: var(--calm) }
.pill::before { content: ''; width: 8px; height: 8px; border-radius: 50%; background: currentColor }
.good { background: var(--good-soft); color: var(--good) }
.bad { background: var(--bad-soft); color: var(--bad) }
.warn { background: var(--warn-soft); color: var(--warn) }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 20px }
button { padding: 7px 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); color: var(--ink); font: inherit; font-size: 14px; font-weight: 540; cursor: pointer; -webkit-tap-highlight-color: transparent }
button:hover:not(:disabled) { background: var(--hover) }
button:disabled { opacity: .5; cursor: not-allowed }
button.main { border-color: transparent; background: #1d4fd7; color: #fff }
button.main:hover:not(:disabled) { background: #1a45bb }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.answer { align-self: center; color: var(--dim); font-size: 13px }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 14px; margin-bottom: 14px }
.tile, section { border: 1px solid var(--line); border-radius: 12px; background: var(--panel) }
.tile { display: flex; flex-direction: column; min-width: 0; padding: 14px 18px 15px }
.tile dt { color: var(--dim); font-size: 13px }
.tile .value { font-size: 26px; font-weight: 640; letter-spacing: -.02em; line-height: 1.35; font-variant-numeric: tabular-nums }
.tile .unit { margin-inline-start: 4px; font-size: 15px; font-weight: 500; letter-spacing: 0; color: var(--dim) }
.tile .more { color: var(--dim); font-size: 13px; overflow-wrap: anywhere }
.tile.bad { background: var(--panel); color: inherit; border-color: var(--bad) }
.tile.bad .value { color: var(--bad) }
section { margin-bottom: 14px; padding: 16px 18px 18px; min-width: 0 }
.top { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 4px 16px; margin-bottom: 12px }
.note { color: var(--dim); font-size: 13px }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 14px; align-items: start }
.columns section { margin-bottom: 0 }
.columns > div { display: grid; gap: 14px; min-width: 0 }
ul { padding: 0; list-style: none }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; color: var(--dim); font-size: 13px; font-variant-numeric: tabular-nums }
.legend b { color: var(--ink); font-weight: 600 }
.key { display: inline-block; width: 10px; height: 10px; margin-inline-end: 7px; border-radius: 3px; forced-color-adjust: none }
.seen { background: var(--seen) } .built { background: var(--built) } .sent { background: var(--sent) } .applied { background: var(--applied) } .last { background: var(--last) }
.save { display: grid; grid-template-columns: minmax(120px, 250px) 1fr 112px; gap: 2px 16px; align-items: center; padding: 7px 0; border-top: 1px solid var(--line) }
.save:first-child { border-top: 0; padding-top: 0 }
.save:last-child { padding-bottom: 0 }
.what { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; direction: rtl; text-align: left; font-size: 13px }
.what bdi, .place, .message, .frame, .root { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace }
.bar { display: flex; height: 14px; border-radius: 4px; background: var(--well); overflow: hidden }
.bar.cut { mask-image: linear-gradient(to left, transparent 3px, #000 3px 6px, transparent 6px 9px, #000 9px) }
.bar i { flex: none; min-width: 2px; height: 100%; forced-color-adjust: none }
.bar i + i { border-inline-start: 1px solid var(--panel) }
.total { text-align: end; font-size: 14px; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap }
.total.failed { background: none; color: var(--bad) } .total.quiet { color: var(--dim); font-weight: 400; font-size: 13px }
.steps { grid-column: 2 / 4; color: var(--dim); font-size: 12.5px; font-variant-numeric: tabular-nums }
.when { color: var(--dim); font-size: 12.5px; font-variant-numeric: tabular-nums }
.row { display: flex; align-items: center; gap: 4px 12px; padding: 8px 0; border-top: 1px solid var(--line) }
.row:first-child { border-top: 0; padding-top: 0 }
.row:last-child { padding-bottom: 0 }
.row button, .top button { padding: 3px 10px; font-size: 13px }
.name { flex: 1; min-width: 0; overflow-wrap: anywhere }
.ms { font-variant-numeric: tabular-nums; white-space: nowrap }
.history { display: flex; align-items: flex-end; gap: 2px; height: 22px }
.history i { width: 6px; min-height: 2px; border-radius: 1.5px; background: var(--built); forced-color-adjust: none }
.history i.failed { background: var(--bad) }
.problem { padding: 12px 0; border-top: 1px solid var(--line) }
.problem:first-child { border-top: 0; padding-top: 0 }
.problem:last-child { padding-bottom: 0 }
.place { color: var(--dim); font-size: 13px; overflow-wrap: anywhere }
button.place { padding: 0; border: 0; background: none; color: var(--link); font-weight: 400; text-decoration: underline; text-align: start }
.tag { display: inline-block; margin-inline-end: 9px; padding: 0 8px; border-radius: 99px; font-size: 12px; font-weight: 640 }
.message { margin-top: 4px; font-size: 14px; white-space: pre-wrap; overflow-wrap: anywhere }
.frame { margin-top: 8px; padding: 10px 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--well); font-size: 12.5px; line-height: 1.6; overflow-x: auto; white-space: pre; tab-size: 2 }
.empty { color: var(--dim) }
.root { font-size: 13px; overflow-wrap: anywhere }
ul + .note, table + .note, .message + ul { margin-top: 10px }
.columns + section { margin: 14px 0 0 }
table, tbody { display: block; width: 100%; border-spacing: 0; font-variant-numeric: tabular-nums }
thead { display: none }
tr { display: grid; grid-template-columns: repeat(6, 1fr); gap: 2px 10px; padding: 10px 0; border-top: 1px solid var(--line) }
tbody tr:first-child { border-top: 0; padding-top: 0 }
td { min-width: 0; padding: 0; color: var(--dim); font-size: 13px; overflow-wrap: anywhere }
.browser, .transport, .latency { grid-column: span 2 }
td.path { grid-column: 1 / 6; color: var(--ink); font-size: 15px }
.path span { display: -webkit-box; overflow: hidden; overflow-wrap: anywhere; -webkit-box-orient: vertical; -webkit-line-clamp: 2 }
td.age { grid-row: 1; grid-column: 6; text-align: end; white-space: nowrap; line-height: 22px }
.count { color: var(--ink) }
.count::before { content: attr(data-label) ' '; color: var(--dim) }
.count.none { color: var(--dim) }
.count.odd { color: var(--warn); font-weight: 600 }
.count.odd::before { font-weight: 400 }
.bare .count { display: none }
@media (min-width: 1040px) {
  table { display: table; table-layout: fixed }
  thead { display: table-header-group }
  tbody { display: table-row-group }
  tr { display: table-row }
  th { width: 72px; padding: 0 0 6px 10px; color: var(--dim); font-size: 12px; font-weight: 500; text-align: end }
  td { padding: 8px 0 8px 10px; border-top: 1px solid var(--line); color: var(--ink); text-align: end; vertical-align: top; line-height: 22px }
  tbody tr:last-child td { padding-bottom: 0 }
  .path, .browser, .transport { text-align: start }
  th.path { width: auto; padding-inline-start: 0 }
  td.path { padding-inline-start: 0 }
  th.browser { width: 110px }
  th.transport { width: 90px }
  th.age { width: 60px }
  .count::before { content: none }
  .bare .count { display: table-cell }
}
.stale main, .stale .actions { opacity: .55 }
@media (max-width: 860px) {
  .tiles { grid-template-columns: 1fr 1fr }
  .columns { grid-template-columns: 1fr }
}
@media (max-width: 600px) {
  body { padding: 16px 12px 32px }
  .about { flex-basis: 100%; text-align: start }
  .actions { display: grid; grid-template-columns: 1fr 1fr }
  .actions button { padding: 10px 8px }
  .answer { grid-column: 1 / 3 }
  .answer:empty { display: none }
  .tiles { gap: 10px }
  .tile { padding: 11px 14px 12px }
  .tile .value { font-size: 22px }
  section { padding: 14px }
  .save { grid-template-columns: 1fr auto; gap: 5px 12px; padding: 10px 0 }
  .bar, .steps { grid-column: 1 / 3; grid-row: auto }
  .save:nth-child(n + 7) { display: none }
  tr { grid-template-columns: repeat(3, 1fr) }
  td.path { grid-column: 1 / 3 }
  td.age { grid-column: 3 }
  .browser, .transport, .latency { grid-column: auto }
  .bar { order: 1 }
  .steps { order: 2 }
}
@media (max-width: 400px) { .history { display: none } }
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101217; --panel: #191c22; --ink: #e8eaee; --dim: #a0a8b6; --line: #2d323c; --well: #111318; --link: #82b1ff; --hover: #262b34; color-scheme: dark;
    --good: #5fd38d; --good-soft: #12301f; --bad: #ff7b7b; --bad-soft: #3d1c20; --warn: #f3b557; --warn-soft: #38290f; --calm: #b6bdc9; --calm-soft: #272c36;
    --seen: #667085; --built: #4d8df6; --sent: #dd9b2a; --applied: #2fb673; --last: #1e6a45
  }
  button.main { background: #2f63e6 }
  button.main:hover:not(:disabled) { background: #4373ee }
}
@media (prefers-reduced-motion: no-preference) { .bar i { transition: width .2s } }
`
