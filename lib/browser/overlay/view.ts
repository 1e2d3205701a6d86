// The dialog: one problem at a time. A modal dialog of the browser, so the page behind keeps its own state and is only not reached.
import type { Make } from '../dom.js'
import { copy } from './copy.js'
import { makeFrame } from './frame.js'
import { icon } from './icon.js'
import { listen } from './keys.js'
import { type Door, openPlace } from './open.js'
import { messageOf, originOf, placeOf, type Problem, textOf } from './text.js'

export interface ViewOptions extends Door {
  readonly make: Make
  readonly editor: boolean
  readonly minimise: (() => void) | undefined
  close (): void
  focused (): Element | null
}

export interface View {
  readonly element: HTMLElement
  /** Speaks when the dialog is not there any more. */
  readonly announcer: HTMLElement
  open (problems: readonly Problem[], total: number): void
  /** Whether it was open. */
  close (): boolean
  announce (text: string): void
}

export function createView (options: ViewOptions): View {
  const { make } = options
  let problems: readonly Problem[] = []
  let total = 0
  let at = 0

  const button = (name: string, drawing: string, act: () => void) => {
    const made = make('button', { class: 'tool', title: name, 'aria-label': name }, icon(drawing))
    made.addEventListener('click', act)
    return made
  }
  const heading = make('h1', { id: 'heading', tabindex: '-1' })
  const origin = make('span', { class: 'origin' })
  const count = make('span', { class: 'count' })
  const previous = button('Previous problem', 'M10 3 5 8l5 5', () => step(-1))
  const next = button('Next problem', 'm6 3 5 5-5 5', () => step(1))
  const pages = make('div', { class: 'pages', role: 'group', 'aria-label': 'Problems' }, previous, count, next)
  const smaller = button('Minimise until the build is good again', 'M3 12h10', () => options.minimise?.())
  const closer = button('Close (Esc)', 'm4 4 8 8m0-8-8 8', () => options.close())
  const tag = make('span', { class: 'tag' })
  const message = make('p', { class: 'message', id: 'message' })
  const body = make('div', { class: 'body' })
  const copier = make('button', { class: 'plain' }, 'Copy as text')
  const status = make('span', { class: 'status', role: 'status' })
  const announcer = make('div', { class: 'said', role: 'status' })
  const dialog = make('dialog', { role: 'alertdialog', 'aria-labelledby': 'heading', 'aria-describedby': 'message' },
    make('div', { class: 'panel' },
      make('header', {}, make('div', { class: 'title' }, heading, origin), pages, make('div', { class: 'tools' }, ...options.minimise ? [smaller] : [], closer)),
      body,
      make('footer', {}, copier, status, make('span', { class: 'hint', 'aria-hidden': 'true' }, 'Esc closes'))))

  function render () {
    const problem = problems[at]
    if (!problem) return
    const errors = problems.filter(({ severity }) => severity === 'error').length
    heading.textContent = errors > 0 ? 'Build failed' : 'Build failed with warnings'
    origin.textContent = originOf(problem, ' · ')
    pages.hidden = problems.length < 2
    count.textContent = `${at + 1} of ${problems.length}${total > problems.length ? ` (${total} in all)` : ''}`
    tag.textContent = problem.severity
    dialog.className = problem.severity
    message.textContent = messageOf(problem)
    status.textContent = ''
    const frame = makeFrame(problem, make)
    body.replaceChildren(make('div', { class: 'where' }, tag, ...makePlace(problem)), message, ...frame ? [frame] : [])
    body.scrollTop = 0
  }
  function makePlace (problem: Problem): HTMLElement[] {
    const place = placeOf(problem)
    if (place === undefined) return []
    if (!options.editor) return [make('span', { class: 'place' }, place)]
    const opener = make('button', { class: 'place link', title: 'Open in your editor' }, place)
    opener.addEventListener('click', async () => {
      status.textContent = await openPlace(problem, options)
    })
    return [opener]
  }
  function step (by: -1 | 1) {
    if (problems.length < 2) return
    const inside = body.contains(options.focused())
    at = (at + by + problems.length) % problems.length
    render()
    status.textContent = `${tag.textContent} ${count.textContent}`
    if (inside) heading.focus({ preventScroll: true })
  }

  copier.addEventListener('click', async () => {
    const copied = await copy(problems.map(textOf).join('\n\n'), dialog, make)
    status.textContent = copied ? 'Copied' : 'The browser does not allow copying here'
    copier.focus()
  })
  dialog.addEventListener('cancel', event => {
    event.preventDefault()
    options.close()
  })
  dialog.addEventListener('click', event => { if (event.target === dialog) options.close() })
  listen(dialog, {
    close: () => options.close(),
    step,
    focused: options.focused,
    stops: () => [...dialog.querySelectorAll<HTMLElement>('button, pre')].filter(element => element.checkVisibility?.() ?? element.offsetParent !== null)
  })

  return {
    element: dialog,
    announcer,
    open (list, all) {
      const same = JSON.stringify(list) === JSON.stringify(problems)
      problems = list
      total = all
      announcer.textContent = ''
      if (!same) at = 0
      if (!same || !dialog.open) render()
      if (dialog.open) return
      dialog.showModal()
      // Not a button: what somebody was just typing into the page must not press one.
      heading.focus({ preventScroll: true })
    },
    close () {
      const was = dialog.open
      dialog.close()
      // Where nothing had the focus before, the browser would leave it here.
      const left = options.focused()
      if (left instanceof HTMLElement) left.blur()
      return was
    },
    announce (text) { announcer.textContent = text }
  }
}
