// Failed builds over the page, loaded when there is something to show: what the server says of them, in a modal dialog of the browser.
import type { OverlayTree, OverlayView } from '../../../types/overlay.js'
import type { CreateIsland, Make } from '../dom.js'
import type { Page } from '../tag.js'

export interface Overlay {
  /** What is broken now. `asked`: even what was closed by hand. */
  show (asked?: boolean): Promise<void>
  /** Nothing is broken any more (`good`), or somebody else shows it. */
  hide (good: boolean): void
}

/** Under which name the session keeps what was closed by hand. */
const KEY = 'live-reload-away'

export function createOverlay ({ base, token }: Page, make: Make, createIsland: CreateIsland): Overlay {
  const dialog = make('dialog', { role: 'alertdialog', 'aria-labelledby': 'heading', 'aria-describedby': 'message' })
  /** Speaks when the dialog is not there any more. */
  const announcer = make('p', { class: 'said', role: 'status' })
  const find = <E extends HTMLElement>(selector: string) => dialog.querySelector(selector) as E
  let attach: (() => void) | undefined
  let shown = ''
  /** How what was closed by hand begins. */
  let away = ''
  let turn = 0
  try {
    away = sessionStorage.getItem(KEY) ?? ''
  } catch {}

  function keepAway (what: string) {
    away = what
    try {
      sessionStorage.setItem(KEY, what)
    } catch {}
    close()
  }
  function close () {
    dialog.close()
    // Where nothing had the focus before, the browser would leave it here.
    find(':focus')?.blur()
  }
  async function ask<T> (what: string, init?: RequestInit): Promise<T> {
    // No cache, nor a service worker, has an answer to this one.
    const response = await fetch(new URL(`${what}?token=${token}&at=${Date.now()}`, base), init)
    return response.json()
  }
  const build = ([tag, attributes, ...children]: OverlayTree): HTMLElement =>
    make(tag, attributes, ...children.map(child => typeof child === 'string' ? child : build(child)))

  /** What came of it, in words; nothing: it failed. */
  async function act ({ dataset: { open, copied } }: HTMLElement): Promise<string | undefined | false> {
    if (open) return (await ask<{ message: string }>('open', { method: 'POST', headers: { 'content-type': 'application/json' }, body: open })).message
    // The only way that plain http of another machine allows.
    find<HTMLTextAreaElement>('textarea').select()
    return document.execCommand('copy') && copied
  }

  // Nothing that happens in here is for the page.
  for (const name in dialog) if (name.startsWith('on')) dialog.addEventListener(name.slice(2), event => event.stopPropagation(), { passive: true })

  dialog.addEventListener('cancel', () => keepAway(shown))
  dialog.addEventListener('click', async ({ target }) => {
    const button = (target as Element).closest('button')
    if (target === dialog) keepAway(shown)
    else if (button?.dataset.away) keepAway(button.dataset.away)
    else if (button) {
      const said = await act(button).catch(() => {})
      find('.status').textContent = said || button.dataset.failed as string
      button.focus()
    }
  })

  return {
    hide (good) {
      turn++
      if (good && dialog.open) announcer.textContent = 'The build is good again.'
      close()
    },
    async show (asked) {
      const mine = ++turn
      if (asked) away = ''
      const answer = await ask<OverlayView | null>('overlay')
      // A later answer is on its way, or none is wanted any more.
      if (!answer || mine !== turn) return
      if (away && answer.id.startsWith(away)) return
      const panel = build(answer.view)
      attach ??= createIsland('live-reload-overlay', answer.css, dialog, announcer)
      attach()
      announcer.textContent = ''
      // The page may have taken it out.
      const modal = dialog.matches(':modal')
      if (modal && answer.id === shown) return
      shown = answer.id
      dialog.replaceChildren(panel)
      if (!modal) {
        dialog.close()
        dialog.showModal()
      }
      // Not a button: what somebody was just typing into the page must not press one.
      find('h1').focus()
    }
  }
}
