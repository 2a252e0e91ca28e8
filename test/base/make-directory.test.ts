import fs, { mkdtempSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { makeDirectory } from '../../lib/base/make-directory.ts'
import { replaceInFs } from '../journal/journal-support.ts'

describe('a directory that is made', () => {
  let base: string
  beforeEach(() => {
    base = mkdtempSync(join(realpathSync(tmpdir()), 'clickcounter-make-'))
  })
  afterEach(() => rmSync(base, { recursive: true }))

  it('is on disk with all above it: each parent is synced, from the first that was there', () => {
    expect(parentsSynced(() => makeDirectory(join(base, 'a/b/c'), 0o700))).to.deep.equal(
      ['', 'a', 'a/b'].map(name => join(base, name)),
    )
    expect(statSync(join(base, 'a/b/c')).mode & 0o777).to.equal(0o700)
  })

  it('is left as it is when it is there', () => {
    makeDirectory(join(base, 'a'), 0o755)
    expect(parentsSynced(() => makeDirectory(join(base, 'a'), 0o700))).to.deep.equal([])
    expect(statSync(join(base, 'a')).mode & 0o777).to.equal(0o755)
  })

  it('is found through links', () => {
    makeDirectory(join(base, 'far/away'), 0o700)
    symlinkSync(join(base, 'far/away'), join(base, 'near'))
    expect(parentsSynced(() => makeDirectory(join(base, 'near/a/b'), 0o700))).to.deep.equal(
      ['far/away', 'far/away/a'].map(name => join(base, name)),
    )
  })
})

/** The paths of the directories that `action` syncs, in order. */
function parentsSynced(action: () => void): string[] {
  const paths: string[] = []
  const { fsyncSync } = fs
  using _ = replaceInFs({
    fsyncSync: fd => {
      paths.push(fs.readlinkSync(`/proc/self/fd/${fd}`))
      fsyncSync(fd)
    },
  })
  action()
  return paths
}
