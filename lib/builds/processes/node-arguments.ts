// The arguments of this Node that a child needs as well: loaders and conditions, but no debugger port and no script.
const NAMES = ['--inspect', '--debug', '--watch', '--test', '--eval', '-e', '--print', '-p', '--check', '-c', '--interactive', '-i', '--cpu-prof', '--heap-prof', '--input-type', '--env-file', '--prof', '--redirect-warnings', '--diagnostic-dir', '--report']
const WITH_VALUE = new Set(['--eval', '-e', '--print', '-p', '--watch-path', '--inspect-port', '--debug-port', '--input-type', '--env-file', '--redirect-warnings', '--diagnostic-dir'])

export function nodeArguments (execArgv: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < execArgv.length; i++) {
    const argument = execArgv[i] as string
    if (!NAMES.some(name => argument === name || argument.startsWith(`${name}=`) || (name.startsWith('--') && argument.startsWith(`${name}-`)))) kept.push(argument)
    else if (WITH_VALUE.has(argument)) i++
  }
  return kept
}
