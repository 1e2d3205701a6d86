// File systems that do not report changes made on their other side: network mounts, shared folders of machines and containers.
import { statfsSync } from 'node:fs'

const UNRELIABLE = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9p (WSL, virtual machine)'],
  [0x65735546, 'FUSE (sshfs, Docker Desktop)'],
  [0x786f4256, 'VirtualBox shared folder'],
  [0xbacbacbc, 'VMware shared folder'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x9fa0, 'proc'],
  [0x62656572, 'sysfs']
])

/** The name of the file system if its events are unreliable. */
export function unreliableFileSystem (path: string): string | undefined {
  try {
    return UNRELIABLE.get(statfsSync(path).type >>> 0)
  } catch {
    return undefined
  }
}
