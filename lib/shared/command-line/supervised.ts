// Whether another program watches the files of the server too, and restarts it: nodemon, `tsx watch`, `node --watch`, `fastify start -w`.

/** npm tells which script it runs. */
const SCRIPT = /\bnodemon\b|\bwatch\b|-dev\b|\s-w\b/

/** A guess. nodemon and fastify-cli open a channel to the process, Node.js sets a variable, tsx preloads itself. */
export function isSupervised ({ send, execArgv, env }: Pick<NodeJS.Process, 'execArgv' | 'env'> & { readonly send?: unknown } = process): boolean {
  return send !== undefined || env.WATCH_REPORT_DEPENDENCIES !== undefined || execArgv.some(argument => /[\\/]tsx[\\/]/.test(argument)) || SCRIPT.test(env.npm_lifecycle_script ?? '')
}
