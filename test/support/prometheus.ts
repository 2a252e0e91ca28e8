import { unpackedTool } from './unpacked.ts'

/** Path of promtool or prometheus. Rejects with the line that brings it. */
export async function prometheusTool(name: 'promtool' | 'prometheus'): Promise<string> {
  return (await unpackedTool(name, ['prometheus'])).path
}
