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
  const announcer = make('output')
  const find = <E extends HTMLElement>(selector: string) => dialog.querySelector(selector) as E
  let attach: (() => void) | undefined
  let turn = 0
  // What it was closed as by hand, here or on an earlier page: an `id`, or how one begins.
  try {
    dialog.returnValue = sessionStorage.getItem(KEY) ?? ''
  } catch {}

  function close (as?: string) {
    dialog.close(as)
    // Where nothing had the focus before, the browser would leave it here. `:focus` says so only in a window that people look at.
    const { activeElement } = dialog.getRootNode() as ShadowRoot
    if (activeElement instanceof HTMLElement) activeElement.blur()
    try {
      sessionStorage.setItem(KEY, dialog.returnValue)
    } catch {}
  }
  async function ask<T> (what: string, init?: RequestInit): Promise<T> {
    // No cache, nor a service worker, has an answer to this one.
    const response = await fetch(new URL(`${what}?token=${token}&at=${Date.now()}`, base), init)
    return response.json()
  }
  const build = ([tag, attributes, ...children]: OverlayTree): HTMLElement =>
    make(tag, attributes, ...children.map(child => typeof child === 'string' ? child : build(child)))

  // Nothing that happens in here is for the page.
  for (const name in dialog) {
    if (name.startsWith('on')) {
      dialog.addEventListener(name.slice(2), (event: Event & { key?: string }) => {
        event.stopPropagation()
        // A page that keeps Escape from the browser keeps it from the dialog.
        if (name === 'oncancel' || (event.key === 'Escape' && event.defaultPrevented)) close(dialog.dataset.away)
      }, { passive: true })
    }
  }

  dialog.addEventListener('click', async ({ target }) => {
    // The panel does nothing; the dialog around it closes.
    const pressed = (target as Element).closest<HTMLElement>('button, .panel, dialog') as HTMLElement
    const { away, open, copied, failed } = pressed.dataset
    if (away) close(away)
    if (!failed) return
    let said: string | undefined
    try {
      if (open) {
        said = (await ask<{ message: string }>('open', { method: 'POST', headers: { 'content-type': 'application/json' }, body: open })).message
      } else {
        find<HTMLTextAreaElement>('textarea').select()
        // The only way that plain http of another machine allows.
        if (document.execCommand('copy')) said = copied
        pressed.focus()
      }
    } catch {}
    find('.status').textContent = said ?? failed
  })

  return {
    hide (good) {
      turn++
      if (good && dialog.open) announcer.textContent = 'The build is good again.'
      close()
    },
    async show (asked) {
      const mine = ++turn
      if (asked) {
        dialog.returnValue = ''
        close()
      }
      const answer = await ask<OverlayView | null>('overlay')
      // A later answer is on its way, or none is wanted any more.
      if (!answer || mine !== turn) return
      if (dialog.returnValue && answer.id.startsWith(dialog.returnValue)) return
      const panel = build(answer.view)
      attach ??= createIsland('live-reload-overlay', answer.css, dialog, announcer)
      attach()
      announcer.textContent = ''
      // The page may have taken it out.
      const modal = dialog.matches(':modal')
      if (modal && answer.id === dialog.dataset.away) return
      dialog.dataset.away = answer.id
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
