// How the badge looks. `!important` on the host wins over every rule of the page.
export const STYLE = `
:host { all: initial !important; position: fixed !important; z-index: 2147483647 !important }
.pill {
  --ink: #1b1f27; --dot: #12a150;
  position: fixed; display: flex; align-items: center; gap: 8px; max-width: min(320px, 100vw - 24px); padding: 7px 12px 7px 10px;
  border: 1px solid #8883; border-radius: 99px; background: #fffffff2; color: var(--ink); box-shadow: 0 4px 20px #0003;
  font: 500 12px/16px system-ui, sans-serif; cursor: grab; touch-action: none; user-select: none; -webkit-user-select: none
}
.pill:focus-visible { outline: 2px solid #3b82f6; outline-offset: 2px }
.can { cursor: pointer }
.pill:active { cursor: grabbing }
.top { top: max(12px, env(safe-area-inset-top)) }
.bottom { bottom: max(12px, env(safe-area-inset-bottom)) }
.left { left: max(12px, env(safe-area-inset-left)) }
.right { right: max(12px, env(safe-area-inset-right)) }
.dot { flex: none; width: 8px; height: 8px; border-radius: 50%; background: var(--dot); forced-color-adjust: none }
.text { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-variant-numeric: tabular-nums }
.building { --dot: #2f7df6 }
.waiting, .note { --dot: #e08700 }
.paused { --dot: #8a93a2 }
@media (prefers-color-scheme: dark) { .pill { --ink: #e6e8ec; background: #1c1f26f2 } }
.pill.failed { --dot: #fff; --ink: #fff; background: #c92a2a }
.gone { opacity: 0; visibility: hidden }
.said { position: fixed; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
@media (prefers-reduced-motion: no-preference) {
  .gone { transition: opacity .5s, visibility 0s .5s }
  .building .dot, .waiting .dot { animation: pulse 1s infinite alternate }
}
@keyframes pulse { to { opacity: .25 } }
@media print { :host { display: none !important } }
`
