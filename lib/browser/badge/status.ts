// What people see of the connection and the builds: the badge, and when a build fails the overlay.
import type { ClientState } from '../../../types/client.js'
import type { BuildMessage, BuildStatus, ClientSettings, HelloMessage } from '../../../types/message.js'
import { createIsland, make } from '../dom.js'
import type { LoadMore } from '../load.js'
import type { Note } from '../note.js'
import type { Overlay } from '../overlay/overlay.js'
import type { Page } from '../tag.js'
import { type Badge, createBadge, type Line } from './badge.js'

export interface Display {
  /** `show: false`: somebody else shows failures. */
  greet (hello: HelloMessage, reloaded: boolean, show: boolean): void
  build (message: BuildMessage, show: boolean): void
  state (state: ClientState): void
  /** Something people should know, until it is over (`undefined`) or clicked away. */
  note (note: Note | undefined): void
}

/** What the greeting or a message says of one build. */
interface Heard extends Partial<Omit<BuildMessage, 'type' | 'state'>> {
  readonly state: BuildStatus['state'] | BuildMessage['state']
}

/** Milliseconds: what is over sooner is not worth a flicker; how long good news stays; how often the time of a build is told. */
const PATIENCE = 300
const STAY = 2000
const TICK = 500

export function createStatus (page: Page, load: LoadMore): Display {
  /** What is known of the builds, by name. A broken one stays broken while the next try runs. */
  const failed = new Map<string, Heard>()
  const running = new Map<string, Heard & { readonly since: number }>()
  let settings: ClientSettings | undefined
  let badge: Badge | undefined
  let state: ClientState = 'connecting'
  let overlay: Overlay | undefined
  let news = ''
  let note: Note | undefined
  /** What kind of line there is to show, and from when on. */
  let kind: Line['kind'] = 'none'
  let due = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function look (): Line {
    const [name, build] = [...running].at(-1) ?? []
    let errors = 0
    for (const { diagnostics = [] } of failed.values()) errors += diagnostics.filter(({ severity }) => severity === 'error').length || 1
    if (state === 'paused') return { kind: 'note', text: 'Live reload is paused' }
    if (state === 'connecting') return { kind: 'waiting', text: 'Reconnecting…' }
    if (build) {
      const { since, done = 0, total } = build
      const seconds = Math.floor((Date.now() - since) / 1000)
      return { kind: 'building', text: `Building ${name}${total ? ` · ${done} of ${total}` : ''}${seconds ? ` · ${seconds} s` : ''}` }
    }
    if (note) return { kind: note.waiting ? 'waiting' : 'note', ...note }
    if (errors) return { kind: 'failed', text: `${errors} error${errors > 1 ? 's' : ''}`, ...settings?.overlay && { hint: 'Show what failed', act: () => open(true) } }
    return { kind: news ? 'live' : 'none', text: news }
  }
  function refresh () {
    if (!badge) return
    const line = look()
    if (line.kind !== kind) due = Date.now() + (line.kind === 'building' || line.kind === 'waiting' ? PATIENCE : 0)
    kind = line.kind
    clearTimeout(timer)
    timer = setTimeout(() => {
      badge?.show(line)
      news = ''
      if (kind === 'live') timer = setTimeout(refresh, STAY)
      if (kind === 'building') timer = setTimeout(refresh, TICK)
    }, due - Date.now())
  }

  /** `asked`: by a click, so what was closed before as well. */
  async function open (asked?: boolean) {
    try {
      const { createOverlay } = await load()
      overlay ??= createOverlay(page, make, createIsland)
      // Things may have become good while it was loaded.
      if (failed.size) await overlay.show(asked)
    } catch {
      console.error('[live-reload] failed:', JSON.stringify([...failed.values()]))
    }
  }
  function hear (message: Heard) {
    const { state, name = 'build' } = message
    if (state === 'started' || state === 'progress') {
      running.set(name, { ...message, since: running.get(name)?.since ?? Date.now() })
      return
    }
    running.delete(name)
    failed.delete(name)
    if (state === 'failed') failed.set(name, message)
  }
  function follow (wanted: boolean) {
    refresh()
    if (failed.size && wanted) {
      if (settings?.overlay) open()
    } else {
      overlay?.hide(!failed.size)
    }
  }

  return {
    greet ({ build, client }, reloaded, wanted) {
      settings = client
      note = undefined
      try {
        if (client.badge) badge ??= createBadge(client.badge.position)
      } catch {
        // An SVG has no place for it, and some pages break what it is made of.
      }
      failed.clear()
      running.clear()
      hear(build)
      news = reloaded ? 'Updated' : 'Connected'
      follow(wanted)
    },
    build (message, wanted) {
      hear(message)
      if (message.state === 'ok') news = `Built in ${message.ms} ms`
      // A try that has only begun says nothing new about what failed.
      if (running.has(message.name)) refresh()
      else follow(wanted)
    },
    state (next) {
      state = next
      refresh()
    },
    note (next) {
      note = next
      refresh()
    }
  }
}
