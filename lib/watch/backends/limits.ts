// What the system refused, in words a human can act on.

const TEXTS: [RegExp, string][] = [
  [/no space left/i, 'ENOSPC'],
  [/too many open files|no file descriptors/i, 'EMFILE'],
  [/no such file|bad file descriptor|not a directory/i, 'ENOENT'],
  [/permission denied/i, 'EACCES']
]

/** The native watcher's errors carry the system's text only. */
export function systemCode (error: unknown): string {
  const { code, message = '' } = error as NodeJS.ErrnoException
  return code ?? TEXTS.find(([test]) => test.test(message))?.[1] ?? 'UNKNOWN'
}

export const NO_INSTANCE = 'EMFILE_INSTANCES'

export function explain (code: string, root: string, cause: string): string {
  switch (code) {
    case NO_INSTANCE:
      return 'the limit fs.inotify.max_user_instances is used up; raise it: sudo sysctl fs.inotify.max_user_instances=1024'
    case 'ENOSPC':
      return 'the limit fs.inotify.max_user_watches is used up; raise it: sudo sysctl fs.inotify.max_user_watches=1048576'
    case 'EMFILE':
    case 'ENFILE':
      return 'the limit of open files is used up; raise it: ulimit -n 65536'
    default:
      return `the system can not watch ${root}: ${cause}`
  }
}
