import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unpackedTool } from './unpacked.ts'

const run = promisify(execFile)

/** Paths of PEM files. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Makes certificates in a folder. They are valid for a day. */
export async function certificateMaker(folder: string) {
  const { path, env } = await unpackedTool('openssl', ['openssl'])
  const make = async (name: string, extra: readonly string[]): Promise<Certificate> => {
    const made = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) }
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '1']
    const files = ['-keyout', made.key, '-out', made.cert]
    await run(path, ['req', '-x509', ...kind, ...files, '-subj', `/CN=${name}`, ...extra], { env })
    return made
  }
  return {
    authority: (name: string) => make(name, []),
    signed: (name: string, by: Certificate) => {
      const names = ['-addext', `subjectAltName=DNS:${name}`, '-addext', 'basicConstraints=critical,CA:FALSE']
      return make(name, ['-CA', by.cert, '-CAkey', by.key, ...names])
    },
  }
}
