// Reads our own script tag: which server process made this page, after how many changes, and how it may connect.
import type { Transport } from '../../../types/transport.js'

export interface Page {
  /** Where the script came from. Every address of ours is relative to it. */
  readonly base: string
  readonly token: string
  /** Tells this document from others that are open. */
  readonly tab: number
  /** The page answers a POST. A reload would send the form again, in some browsers without asking. */
  readonly posted: boolean
  /** HTTP status of the document if that is an error; `NaN` otherwise. */
  readonly status: number
  /** What the server says about the reload that brought the page. */
  readonly remark: string
  /** The only transport allowed, if there is just one. */
  readonly transport: Transport | undefined
  /** Milliseconds that a transport may take to open. */
  readonly timeout: number
  /** Levels of the console that are forwarded to the server, separated by spaces. */
  readonly console: string | undefined
  /** The server process that made the page, and the newest change that the page shows. */
  epoch: string
  seq: number
}

const SELECTOR = 'script[data-live-reload]'

// An element named `querySelector` hides the document's own method.
const findTag = (document: Document) => Document.prototype.querySelector.call(document, SELECTOR) as HTMLScriptElement | null

export function readTag (): Page | undefined {
  // A script of the page may have removed the tag already.
  const tag = (findTag(document) ?? document.currentScript) as HTMLScriptElement | null
  if (!tag?.dataset.liveReload) return undefined
  const { liveReload, token = '', method, status, remark = '', transport, timeout = 3000, console } = tag.dataset
  const [epoch = '', seq] = liveReload.split(':')
  return {
    // Not `tag.src`: a `<base>` would change it. An `about:srcdoc` frame has no address but an origin, a sandbox has it the other way round.
    base: new URL(tag.getAttribute('src') as string, origin === 'null' ? location.href : origin).href,
    token,
    tab: Math.random(),
    posted: !!method,
    status: +status!,
    remark,
    transport: transport as Transport | undefined,
    timeout: +timeout,
    console,
    epoch,
    seq: +seq!
  }
}

/** Whether a page around this frame has the tag: it reloads the frame together with itself. The page around a sandbox cannot be inspected and is assumed to have it. */
export function isInsideLivePage (): boolean {
  if (window !== top && origin === 'null') return true
  let frame: Window = window
  while (frame !== top) {
    frame = frame.parent
    try {
      if (findTag(frame.document)) return true
    } catch {
      // A page of another origin.
    }
  }
  return false
}
