// Shows failed builds in a modal dialog. The server describes the content. Loaded with the first failure.
import type { OverlayTree, OverlayView } from '../../../types/overlay.js'
import type { CreateIsland, Make } from '../page/dom.js'
import type { PageStorage } from '../page/storage.js'
import type { Page } from '../page/tag.js'

const STORAGE_KEY = 'live-reload-away'

export class Overlay {
  readonly #page: Page
  readonly #make: Make
  readonly #createIsland: CreateIsland
  readonly #storage: PageStorage
  readonly #dialog: HTMLDialogElement
  /** Announces to screen readers what happens after the dialog has closed. */
  readonly #announcer: HTMLElement
  #attach: (() => void) | undefined
  /** Numbers the questions to the server, so that late answers are ignored. */
  #round = 0

  constructor (page: Page, make: Make, createIsland: CreateIsland, storage: PageStorage) {
    this.#page = page
    this.#make = make
    this.#createIsland = createIsland
    this.#storage = storage
    this.#announcer = make('output')
    this.#dialog = make('dialog', { role: 'alertdialog', 'aria-labelledby': 'heading', 'aria-describedby': 'message' })
    // The id of the view that the user closed, here or on an earlier page, or the beginning of such ids.
    this.#dialog.returnValue = storage.readText(STORAGE_KEY) ?? ''
    this.#isolateEvents()
    this.#dialog.addEventListener('click', ({ target }) => this.#onClick(target as Element))
  }

  /** `good`: nothing is broken any more. Otherwise a listener of the page shows the failure. */
  hide (good: boolean): void {
    this.#round++
    if (good && this.#dialog.open) this.#announcer.textContent = 'The build is good again.'
    this.#close()
  }

  /** Shows what is broken now; when `requested`, also what the user closed before. */
  async show (requested?: boolean): Promise<void> {
    const round = ++this.#round
    const dialog = this.#dialog
    if (requested) {
      dialog.returnValue = ''
      this.#close()
    }
    const answer = await this.#fetch<OverlayView | null>('overlay')
    if (!answer || round !== this.#round) return
    if (dialog.returnValue && answer.id.startsWith(dialog.returnValue)) return
    // An error instead of a view throws here, before an island without style is made.
    const panel = this.#build(answer.view)
    this.#attach ??= this.#createIsland('live-reload-overlay', answer.css, dialog, this.#announcer)
    this.#attach()
    this.#announcer.textContent = ''
    // Not `open`: a dialog that the page has removed is open but not modal.
    const modal = dialog.matches(':modal')
    if (modal && answer.id === dialog.dataset.away) return
    dialog.dataset.away = answer.id
    dialog.replaceChildren(panel)
    if (!modal) {
      dialog.close()
      dialog.showModal()
    }
    // A focused button would be pressed by somebody who is typing into the page.
    this.#find('h1').focus()
  }

  #find<E extends HTMLElement> (selector: string): E {
    return this.#dialog.querySelector(selector) as E
  }

  #build ([tag, attributes, ...children]: OverlayTree): HTMLElement {
    return this.#make(tag, attributes, ...children.map(child => typeof child === 'string' ? child : this.#build(child)))
  }

  #close (closedId?: string): void {
    const dialog = this.#dialog
    dialog.close(closedId)
    // Where nothing had the focus before, the browser leaves it in the closed dialog. `:focus` is not reliable in a background window.
    const { activeElement } = dialog.getRootNode() as ShadowRoot
    if (activeElement instanceof HTMLElement) activeElement.blur()
    this.#storage.writeText(STORAGE_KEY, dialog.returnValue)
  }

  async #fetch<T> (route: string, init?: RequestInit): Promise<T> {
    const { token, base } = this.#page
    // The time keeps caches and service workers from answering.
    const response = await fetch(new URL(`${route}?token=${token}&at=${Date.now()}`, base), init)
    return response.json()
  }

  /** Keeps what happens in the dialog from the page. Listeners of the page that capture run before ours and see it. */
  #isolateEvents (): void {
    const dialog = this.#dialog
    for (const name in dialog) {
      if (!name.startsWith('on')) continue
      dialog.addEventListener(name.slice(2), (event: Event & { key?: string }) => {
        event.stopPropagation()
        // A page that cancels Escape cancels it for the dialog, too: close by ourselves.
        if (name === 'oncancel' || (event.key === 'Escape' && event.defaultPrevented)) this.#close(dialog.dataset.away)
      }, { passive: true })
    }
  }

  async #onClick (target: Element): Promise<void> {
    // A click beside the panel closes the dialog, one on the panel does nothing.
    const pressed = target.closest<HTMLElement>('button, .panel, dialog') as HTMLElement
    const { away, open, copied, failed } = pressed.dataset
    if (away) this.#close(away)
    if (!failed) return
    let result: string | undefined
    try {
      if (open) {
        result = (await this.#fetch<{ message: string }>('open', { method: 'POST', headers: { 'content-type': 'application/json' }, body: open })).message
      } else {
        this.#find<HTMLTextAreaElement>('textarea').select()
        // The clipboard API needs a secure context, which another machine over plain HTTP is not.
        if (document.execCommand('copy')) result = copied
        pressed.focus()
      }
    } catch {}
    this.#find('.status').textContent = result ?? failed
  }
}
