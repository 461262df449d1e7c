import { describe, expect, it } from 'vitest'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { BackupFault } from './manifest.ts'
import { TargetTree } from './target-tree.ts'

describe('a tree that is written', () => {
  it.each([
    '../elsewhere',
    'topics/../../elsewhere',
    '/elsewhere',
    'topics//1.log',
    './1.log',
    'topics/..',
    '..\\elsewhere',
    'topics/1.log\0',
    '',
  ])('has no file %j', async (path) => {
    const disk = createSimDisk({ timers: createSimTime().timers })
    await disk.makeDirectory('/restored/topics')
    const tree = new TargetTree(disk, '/restored')
    let isAsked = false
    const created = tree.create(path, async () => {
      isAsked = true
    })
    await expect(created).rejects.toThrow(BackupFault)
    expect(isAsked).toBe(false)
    expect(await disk.list('/restored')).toEqual(['topics'])
  })

  it('has files by paths of a data directory', async () => {
    const disk = createSimDisk({ timers: createSimTime().timers })
    await disk.makeDirectory('/restored')
    const tree = new TargetTree(disk, '/restored')
    for (const path of ['format.json', 'topics/a-b_c/0/00000000000000000000.1.log']) {
      await tree.create(path, async () => {})
      expect(await disk.exists(`/restored/${path}`)).toBe(true)
    }
  })
})
