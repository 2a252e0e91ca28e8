import { unpackedTool } from './unpacked.ts'

/** The path of promtool or prometheus. Rejects with the command that installs it. */
export async function prometheusTool(name: 'promtool' | 'prometheus'): Promise<string> {
  return (await unpackedTool(name, ['prometheus'])).path
}
