// Applies a change: in place where that is possible, by a reload otherwise. Loaded with the first change.
import type { ChangeMessage, ReloadMessage } from '../../../types/message.js'
import type { PageClient } from '../page/client.js'
import { isTypedInto } from '../page/user-input.js'
import { collectState } from '../preserve/preserve.js'
import { createInPlaceUpdater } from '../update/in-place.js'
import type { Updater } from '../update/update.js'
import { HANDOVER_KEY, saveState, stateKey } from './memory.js'
import { describeReason } from './reason.js'
import type { Apply, ReloadRequest } from './update-queue.js'
import { endTransitions } from './view-transition.js'

/** Set when a process has outlived a change for which others are restarted. */
const OUTLIVED_KEY = 'live-reload-stays'
/** `node --watch` takes 250 ms, `tsx watch` 150, nodemon 70. */
const RESTART_MS = 500
/** More reloads in a row, each so soon after the page before, are a loop. */
const MAX_STREAK = 10
const STREAK_MS = 1000
/** A navigation takes no longer, or it was a download. */
const NAVIGATION_MS = 10_000

const pause = (ms: number) => new Promise(resolve => { setTimeout(resolve, ms) })

export function createApplier (client: PageClient): Apply {
  const { page, events, storage } = client
  const updateInPlace = createInPlaceUpdater(client)

  return async (request, isWanted) => {
    const { messages, tries, isForced } = request
    const { settings } = client
    const last = messages.at(-1) as ChangeMessage
    const { seq } = last
    if (!isForced && client.isReloadLoop(request)) return client.offerReload('Not reloaded: a cache or service worker has the old page', request)
    if (await showInPlace(client, request, updateInPlace) || !isWanted()) return
    const message: ReloadMessage = last.type === 'reload' ? last : { type: 'reload', seq }
    if (tries === 0 && !events.emit('reload', message)) return client.skip(seq)
    // No update in place may hide from now on that the page is out of date.
    client.reloadPending = true
    await endTransitions()
    if (settings.serviceWorker === 'bypass') await unregisterWorkers()
    // A process that is restarted for the same change could answer with a page, and end before it has sent the script.
    const mayRestart = !storage.readText(OUTLIVED_KEY) && (messages as ReloadMessage[]).some(message => message.mayRestart)
    if (mayRestart) await pause(RESTART_MS)
    if (client.leaving && !isForced) await pause(client.leaving.timeStamp + NAVIGATION_MS - performance.now())
    if (!await client.isServerReady()) return { ...request, tries: tries + 1 }
    if (mayRestart && client.running === page.epoch) storage.writeText(OUTLIVED_KEY, '1')
    if (!isWanted()) return
    if (page.posted && !isForced) return client.offerReload('Not reloaded: a click sends the form again', request)
    const reason = describeReason(messages, client.running !== page.epoch)
    const streak = performance.now() < STREAK_MS ? (client.handover?.streak ?? 0) + 1 : 0
    if (streak > MAX_STREAK && !isForced) return client.offerReload(`Not reloaded: each reload changes ${reason}`, request)
    const isSaved = settings.preserve !== false && saveState(storage, collectState(client), !!page.status)
    if (!isSaved && !isForced && isTypedInto(client)) return client.offerReload('Update ready', request)
    await client.reloadPage(request, { reason, streak, mayImport: !Document.prototype.querySelector.call(document, '[type=importmap]') })
    // The user has stayed. What was left for the next page would spoil a later one.
    if (client.leaving?.defaultPrevented || client.leaving?.returnValue) {
      storage.take(HANDOVER_KEY)
      storage.take(stateKey())
      client.offerReload('Not reloaded: you stayed', request)
    }
  }
}

/** Returns whether the page shows the changes now. */
async function showInPlace (client: PageClient, { messages, receivedAt }: ReloadRequest, updateInPlace: Updater): Promise<boolean> {
  const { page, events, running, reloadPending } = client
  const before = page.seq
  const { seq } = messages.at(-1) as ChangeMessage
  const accepted = messages.filter(message => message.type === 'reload' || message.updates.length === 0 || events.emit('update', message))
  // Whatever has changed may be what mends an error page.
  if (running !== page.epoch || reloadPending || !seq || page.status) return false
  const updated = await updateInPlace(accepted, receivedAt)
  if (updated === undefined) return false
  // `seq` is lower now if an earlier change turned out to need a reload, which is in the queue.
  if (page.seq >= before) page.seq = seq
  if (updated) client.acknowledge('update', receivedAt)
  return true
}

/** Workers over this page would answer the reload from their caches. */
async function unregisterWorkers (): Promise<void> {
  for (const worker of await navigator.serviceWorker?.getRegistrations() ?? []) {
    if (location.href.startsWith(worker.scope)) await worker.unregister()
  }
}
