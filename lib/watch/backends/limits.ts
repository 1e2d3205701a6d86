// What the system refused, in words that say how to mend it.
import { clip } from '../../shared/text.js'
import { BACKEND_MISSING } from './backend.js'

const MESSAGES: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/no space left/i, 'ENOSPC'],
  [/too many open files|no file descriptors/i, 'EMFILE'],
  [/no such file|bad file descriptor|not a directory/i, 'ENOENT'],
  [/permission denied/i, 'EACCES']
]

/** Errors of the native watcher carry the system's message and no code. */
export function systemCode (error: unknown): string {
  const { code, message = '' } = error as NodeJS.ErrnoException
  return code ?? MESSAGES.find(([pattern]) => pattern.test(message))?.[1] ?? 'UNKNOWN'
}

/** Set by our own check of inotify instances; the system's code for it is that of file descriptors. */
export const NO_INOTIFY_INSTANCE = 'EMFILE_INSTANCES'

const OPEN_FILES = 'the limit of open files is used up; raise it: ulimit -n 65536'

/** A path or message with one may be thousands of characters long. */
export const MAX_TEXT = 300

export function explain (error: Error, root: string): string {
  switch (systemCode(error)) {
    case BACKEND_MISSING:
      return error.message
    case NO_INOTIFY_INSTANCE:
      return 'the limit fs.inotify.max_user_instances is used up; raise it: sudo sysctl fs.inotify.max_user_instances=1024'
    case 'ENOSPC':
      return 'the limit fs.inotify.max_user_watches is used up; raise it: sudo sysctl fs.inotify.max_user_watches=1048576'
    case 'EMFILE':
    case 'ENFILE':
      return OPEN_FILES
    default:
      return `the system cannot watch ${root}: ${clip(error.message, MAX_TEXT)}`
  }
}

/** Why changes of a path are not seen. Where descriptors are used up, the text is the same for every path. */
export function explainUnreadable (path: string, code: string): string {
  if (code === 'EILSEQ') return `the name of ${path} is not UTF-8; it is not watched`
  if (code === 'EMFILE' || code === 'ENFILE') return `files cannot be read: ${OPEN_FILES}; changes in them are reported as soon as they can be read`
  return `cannot read ${clip(path, MAX_TEXT)} (${code}); changes in it are not seen`
}
