// The commands that error messages name, for each system.

type Platform = NodeJS.Platform

/** Shows which process listens on a port. */
export function findOwner (port: number, platform: Platform = process.platform): string {
  if (platform === 'win32') return `netstat -ano | findstr :${port}`
  return platform === 'darwin' ? `lsof -nP -iTCP:${port} -sTCP:LISTEN` : `ss -ltnp sport = :${port}`
}

export function endProcess (pid: number, platform: Platform = process.platform): string {
  return platform === 'win32' ? `taskkill /pid ${pid}` : `kill ${pid}`
}

/** What to do about a port that this user may not have. */
export function allowPort (port: number, platform: Platform = process.platform): string {
  if (platform === 'win32') return 'see which ports Windows keeps for itself with "netsh interface ipv4 show excludedportrange protocol=tcp", and take another'
  const other = 'take one from 1024 on'
  return platform === 'linux' ? `${other}, or allow it with "sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}"` : other
}
