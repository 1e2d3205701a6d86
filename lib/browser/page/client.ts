// What the lazily loaded modules know of the client of the page.
import type { ClientSettings } from '../../../types/message.js'
import type { MorphModule } from '../morph/morph.js'
import type { Handover, HandoverRest } from '../reload/memory.js'
import type { ReloadRequest } from '../reload/update-queue.js'
import type { Events } from './events.js'
import type { Load } from './loader.js'
import type { ShowNotice } from './notice.js'
import type { PageStorage } from './storage.js'
import type { Page } from './tag.js'
import type { UserInput } from './user-input.js'

export interface PageClient extends UserInput {
  readonly page: Page
  readonly events: Events
  readonly settings: Partial<ClientSettings>
  /** Epoch of the process that answers now. */
  readonly running: string
  /** What the page before left for this one. */
  readonly handover: Handover | undefined
  /** The newest navigation away from this page that has begun. */
  readonly leaving: BeforeUnloadEvent | undefined
  /** A reload was tried, and the page is still here. */
  reloadPending: boolean
  readonly storage: PageStorage
  readonly loadMorph: Load<MorphModule>
  /** Adds a reload to the queue, for a change that turned out to need one. */
  requestReload (seq: number): void
  /** A cache brought the same page as before the reload, so another reload would bring it again. */
  isReloadLoop (request: ReloadRequest): boolean
  /** Counts a change as shown without doing anything. */
  skip (seq: number): void
  /** Says why the page is not reloaded, and offers the reload. */
  offerReload (text: string, request: ReloadRequest): void
  /** Tells the server that the page shows the change. */
  acknowledge (kind: 'reload' | 'update', receivedAt: number): void
  readonly showNotice: ShowNotice
  /** Whether the server answers the reload: an open connection or its health route proves it. A page is never left for a server that is down. */
  isServerReady (): Promise<boolean>
  reloadPage (request: ReloadRequest, rest: HandoverRest): Promise<void>
}
