// Which program an argv really starts, and with which environment.
import { delimiter, join } from 'node:path'

/** `node_modules/.bin` first, as npm scripts have it. */
export function withLocalBin (env: NodeJS.ProcessEnv, cwd: string): NodeJS.ProcessEnv {
  // Windows keeps the case in which the variable was written.
  const name = Object.keys(env).find(key => key.toUpperCase() === 'PATH') ?? 'PATH'
  return { ...env, [name]: [join(cwd, 'node_modules', '.bin'), env[name]].filter(Boolean).join(delimiter) }
}

/** `node` is the Node that runs now. Windows cannot start `npm.cmd` without a shell, so Node runs npm and npx there. */
export function resolveProgram (argv: readonly string[], env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): readonly string[] {
  const [program, ...rest] = argv
  const name = (program as string).replace(/\.cmd$/i, '').toLowerCase()
  if (name === 'node') return [process.execPath, ...rest]
  if (platform !== 'win32' || (name !== 'npm' && name !== 'npx')) return argv
  const npm = env.npm_execpath ?? join(process.execPath, '..', 'node_modules', 'npm', 'bin', 'npm-cli.js')
  return [process.execPath, name === 'npx' ? npm.replace(/npm-cli\.js$/, 'npx-cli.js') : npm, ...rest]
}
