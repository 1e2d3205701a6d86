// What people call a command: `sass`, `node build.js`, `npm run build`.

/** The program and its first word, unless that is an option; and the name of a script that `run` starts. */
export function programName ([program = '', first = '', ...more]: readonly string[]): string {
  const script = /^run(?:-script)?$/.test(first) ? [more.find(word => !word.startsWith('-')) ?? ''] : []
  const words = [first, ...script].filter(word => /^[\w@./:][\w@./:-]{0,60}$/.test(word))
  return [program.replace(/^.*[\\/]/, ''), ...words].join(' ')
}
