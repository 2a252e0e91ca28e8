import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { hashOfKey, isKeyText, makeKeyText } from '../../lib/access/key-text.ts'

const PREFIX = 'cck_'
const RANDOM_LENGTH = 30
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

describe('the text of a key', () => {
  const texts = Array.from({ length: 2000 }, makeKeyText)
  const some = texts.slice(0, 20)
  const replaced = (text: string, at: number, part: string) =>
    text.slice(0, at) + part + text.slice(at + part.length)

  it('is a prefix, 30 random characters and 6 check characters', () => {
    for (const text of texts) expect(text).to.match(/^cck_[0-9A-Za-z]{36}$/)
    expect(texts.every(isKeyText)).to.equal(true)
    expect(new Set(texts).size).to.equal(texts.length)
  })

  it('has each of 62 characters equally often', () => {
    const found = new Map(Array.from(ALPHABET, character => [character, 0]))
    for (const text of texts)
      for (const character of text.slice(PREFIX.length, PREFIX.length + RANDOM_LENGTH))
        found.set(character, found.get(character)! + 1)
    expect(found.size).to.equal(62)
    const each = (texts.length * RANDOM_LENGTH) / found.size
    const chiSquare = [...found.values()].reduce((sum, count) => sum + (count - each) ** 2 / each, 0)
    // With 61 degrees of freedom, by chance once in 10^8 runs. Bytes modulo 62 would give more than 300.
    expect(chiSquare).to.be.below(145)
  })

  it('tells every single mistyped character', () => {
    for (const text of some)
      for (let at = PREFIX.length; at < text.length; at++)
        for (const character of ALPHABET)
          if (character !== text[at]) expect(isKeyText(replaced(text, at, character))).to.equal(false)
  })

  it('tells every two neighbours that were swapped', () => {
    for (const text of texts)
      for (let at = 0; at < text.length - 1; at++)
        if (text[at] !== text[at + 1])
          expect(isKeyText(replaced(text, at, text[at + 1]! + text[at]!)), `${text} at ${at}`).to.equal(false)
  })

  it('tells a character that is missing, and one too many', () => {
    for (const text of some)
      for (let at = 0; at < text.length; at++) {
        expect(isKeyText(text.slice(0, at) + text.slice(at + 1))).to.equal(false)
        expect(isKeyText(text.slice(0, at) + text[at] + text.slice(at))).to.equal(false)
      }
    for (const text of [
      '',
      PREFIX,
      ` ${texts[0]}`,
      `${texts[0]}\n`,
      texts[0]!.toLowerCase(),
      `Bearer ${texts[0]}`,
    ])
      expect(isKeyText(text), text).to.equal(false)
  })

  it('is known by its SHA-256', () => {
    const text = texts[0]!
    expect(hashOfKey(text)).to.equal(createHash('sha256').update(text).digest('base64url'))
  })
})
