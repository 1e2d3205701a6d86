// Options of tests that only some systems can keep: elsewhere they are skipped, and say why.

const on = (systems: readonly NodeJS.Platform[], reason: string) => ({ skip: !systems.includes(process.platform) && reason })

/** A test with namespaces, /proc, setsid, inotify or limits of processes. */
export const onLinux = on(['linux'], 'Linux has what this needs')

/** A test with a shell, modes, signals, or paths and links as POSIX has them. */
export const onPosix = on(['linux', 'darwin'], 'this needs a system of the POSIX family')
