// Children of a test run without tap, unless they run lib: its loader costs a process several times what Node itself does, and tests of builds start hundreds.
import { fileURLToPath } from 'node:url'

const LIB = fileURLToPath(new URL('../../lib/', import.meta.url))

// tap hands itself on in a listener of process-on-spawn. This one runs after it, and is not needed where that list is not there.
globalThis[Symbol.for('process-on-spawn@*:singletonId')]?.listeners.push(child => {
  if (child.args.some(runsLib)) return
  const { NODE_OPTIONS = '', ...env } = child.env
  for (const name of Object.keys(env)) if (name.startsWith('_TAPJS_')) delete env[name]
  const others = NODE_OPTIONS.replace(/"--import=[^"]*@tapjs[^"]*"|--import=\S*@tapjs\S*/g, '').trim()
  child.env = others === '' ? env : { ...env, NODE_OPTIONS: others }
})

/** Coverage counts the TypeScript of lib. What runs `dist` has nothing to count. */
function runsLib (argument) {
  return argument.includes(LIB) || argument.endsWith('.ts')
}
