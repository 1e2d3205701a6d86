// Who has a port, from what /proc shows; and the commands that messages name.
import { mkdirSync, symlinkSync } from 'node:fs'
import { test } from 'tap'
import { allowPort, endProcess, findOwner } from '../../../lib/entries/dev/commands.js'
import { findHolder, nameHolder } from '../../../lib/entries/dev/holder.js'
import { folder } from '../../support/folder.js'
import { onPosix } from '../../support/system.js'

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const row = (port: number, state: string, inode: number) => `   0: 0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`

test('the process with the listening socket, by its program only', onPosix, async t => {
  const proc = folder(t, {
    'net/tcp': HEAD + row(3141, '01', 5) + row(3141, '0A', 7) + row(80, '0A', 9),
    'net/tcp6': `${HEAD}   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0\n`,
    '30/cmdline': 'node\0server.js\0--password=open-sesame\0',
    '30/comm': 'node\n',
    '200/cmdline': 'child\0',
    '4/cmdline': '',
    '4/comm': 'kernel\u001b[31m\n',
    'self/cmdline': 'me\0'
  })
  const opens = (pid: number, ...inodes: number[]) => {
    mkdirSync(proc.at(`${pid}/fd`), { recursive: true })
    for (const inode of inodes) symlinkSync(`socket:[${inode}]`, proc.at(`${pid}/fd/${inode}`))
  }
  opens(200, 7)
  opens(30, 5, 7)
  opens(4, 11)
  symlinkSync('/home/me', proc.at('30/cwd'))
  t.strictSame(await findHolder(3141, proc.path), { pid: 30, name: 'node server.js', cwd: '/home/me' }, 'the parent, whose children have the socket too')
  t.strictSame(await findHolder(80, proc.path), { pid: 4, name: 'kernel?[31m' }, 'over IPv6, without arguments')
  t.equal(await findHolder(443, proc.path), undefined, 'nobody listens')
  t.equal(nameHolder({ pid: 30, name: 'node', cwd: '/a' }), 'node (pid 30, in /a)')
  t.equal(nameHolder({ pid: 30, name: 'node' }), 'node (pid 30)')
})

test('of a process that cannot be read nobody is named', onPosix, async t => {
  const proc = folder(t, { 'net/tcp': row(3141, '0A', 7), '30/cmdline': 'node\0' })
  t.equal(await findHolder(3141, proc.path), undefined)
  t.equal(await findHolder(3141, proc.at('none')), undefined, 'nor where there is no /proc')
  mkdirSync(proc.at('40/fd'), { recursive: true })
  symlinkSync('socket:[7]', proc.at('40/fd/3'))
  t.strictSame(await findHolder(3141, proc.path), { pid: 40, name: 'a process' })
})

test('each system has its commands', t => {
  t.strictSame((['linux', 'darwin', 'win32'] as const).map(system => [findOwner(80, system), endProcess(7, system), allowPort(80, system)]), [
    ['ss -ltnp sport = :80', 'kill 7', 'take one from 1024 on, or allow it with "sudo sysctl net.ipv4.ip_unprivileged_port_start=80"'],
    ['lsof -nP -iTCP:80 -sTCP:LISTEN', 'kill 7', 'take one from 1024 on'],
    ['netstat -ano | findstr :80', 'taskkill /pid 7', 'see which ports Windows keeps for itself with "netsh interface ipv4 show excludedportrange protocol=tcp", and take another']
  ])
  t.end()
})
