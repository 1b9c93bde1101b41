'use strict'

/** One picture in memory; whoever keeps it holds it, and the pool takes it back when nobody does. */
class Picture {
  #pool
  #holders = 1

  constructor (pool, bytes) {
    this.#pool = pool
    this.bytes = bytes
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  }

  /** One holder more. */
  hold () {
    this.#holders += 1
    return this
  }

  /** One holder less; the last one's gives it back. */
  release () {
    this.#holders -= 1
    if (this.#holders < 0) throw new Error('a picture was released more often than held')
    if (this.#holders === 0) this.#pool.takeBack(this)
  }

  /** For the pool alone: the first holder of its next life. */
  reuse () {
    this.#holders = 1
    return this
  }
}

/** Memory for pictures of one size, used again: a picture a frame would keep the garbage collector busy. */
class PicturePool {
  #free = []
  #picture

  /** @param {number} pictureBytes of one picture; a multiple of 4 */
  constructor (pictureBytes) {
    this.pictureBytes = pictureBytes
    this.inUse = 0
    this.#picture = () => new Picture(this, Buffer.allocUnsafeSlow(pictureBytes))
  }

  /** A picture with whatever was in it, held once. */
  take () {
    this.inUse += 1
    return this.#free.pop()?.reuse() ?? this.#picture()
  }

  /** For pictures alone. */
  takeBack (picture) {
    this.inUse -= 1
    this.#free.push(picture)
  }
}

module.exports = { PicturePool }
