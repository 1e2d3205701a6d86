// Style of the badge. `!important` on the host wins over all rules of the page. Without a box of its own the host takes no cell of a grid. System colors follow light and dark mode.
export const STYLE = `
:host { all: initial !important; display: contents !important }
button {
  position: fixed; z-index: 9999999999; display: flex; align-items: center; gap: 8px; max-width: 320px; margin: 12px; padding: 7px 12px;
  border: 1px solid #8886; border-radius: 16px; background: Canvas; color: CanvasText; color-scheme: light dark; box-shadow: 0 4px 16px #0003;
  font: 500 12px/16px system-ui; text-align: start; overflow-wrap: anywhere; cursor: pointer
}
button::before { content: ""; border: 4px solid var(--dot, #1a5); border-radius: 50% }
button:disabled { pointer-events: none }
.building { --dot:#27f}
.waiting, .note { --dot:#e80}
.failed { --dot:#fff; color: #fff; background: #c22 }
.none { opacity: 0; visibility: hidden; transition: .5s }
output { position: fixed; clip-path: inset(50%) }
@media print { button { display: none } }
`
