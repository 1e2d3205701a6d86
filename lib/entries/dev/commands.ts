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

/** Makes a certificate at these paths. */
export function makeCertificate ({ key, cert }: { key: string, cert: string }, hosts: readonly string[]): string {
  return `mkcert -key-file '${key}' -cert-file '${cert}' ${(hosts.length === 0 ? ['localhost', '127.0.0.1', '::1'] : hosts).join(' ')}`
}

/** Lets this user read a file. */
export function allowRead (file: string, platform: Platform = process.platform): string {
  return platform === 'win32' ? `icacls '${file}' /grant %USERNAME%:R` : `sudo chown $(id -u) '${file}'`
}

export function decryptKey (file: string): string {
  return `openssl pkey -in '${file}' -out '${file}.plain'`
}

/** Makes the browsers of this system trust a certificate that signs itself. */
export function trustCertificate (file: string, platform: Platform = process.platform): string {
  if (platform === 'win32') return `certutil -user -addstore Root '${file}'`
  if (platform === 'darwin') return `security add-trusted-cert -p ssl -k ~/Library/Keychains/login.keychain-db '${file}'`
  return `certutil -d sql:$HOME/.pki/nssdb -A -t P,, -n fastify-live-reload -i '${file}'`
}
