'use strict'

const MIX = 'mix'
const WIPE = 'wipe'
/** On a bus that no source is on. */
const BLACK = 'black'

/**
 * The programme bus and the preview bus of a mixer, and the way from one to the other; pure state, a step a frame.
 *
 * Positions go from 0 (all programme) to 1 (all preview, which then changes places with it).
 */
class Buses {
  /**
   * @param {string} programme name of the source on programme
   * @param {string} preview name of the source on preview
   */
  constructor (programme, preview) {
    this.programme = programme
    this.preview = preview
    this.transition = null
    this.black = { position: 0, from: 0, to: 0, frames: 1, passed: 1 }
  }

  /** Put a source on preview; in a transition it is the one that is on its way out or in, which stays. */
  preset (source) {
    if (this.transition === null) this.preview = source
  }

  /** Put a source on programme at once; what was there goes to preview. */
  cutTo (source) {
    this.transition = null
    if (source === this.programme) return
    this.preview = this.programme
    this.programme = source
  }

  /** Preview and programme change places at once. */
  cut () {
    this.cutTo(this.preview)
  }

  /**
   * Go to the preview in so many frames, each step on its own frame; from where a T-bar stands, if one was moved.
   *
   * @param {object} how
   * @param {string} how.kind MIX or WIPE
   * @param {string} [how.direction] of a wipe
   * @param {number} how.frames the last of which shows the preview alone
   */
  auto ({ kind, direction, frames }) {
    this.moveTo({ kind, direction, position: 1, frames })
  }

  /** Move the T-bar to a position, evenly within so many frames; at 1 the two change places. */
  moveTo ({ kind = MIX, direction, position, frames }) {
    const from = this.transition?.position ?? 0
    this.transition = { kind, direction, position: from, from, to: position, frames: Math.max(1, frames), passed: 0 }
  }

  /**
   * Move the fader of a mixer with two sources: `first` is seen alone at 1, `second` at 0.
   *
   * @returns {boolean} false, and nothing is moved, while another source is on either bus
   */
  moveFader (first, second, { fader, frames }) {
    if (this.faderBetween(first, second) === null) return false
    this.moveTo({ position: this.programme === first ? 1 - fader : fader, frames })
    return true
  }

  /** Where that fader stands, 0..1; null while another source is on either bus. */
  faderBetween (first, second) {
    const position = this.transition?.position ?? 0
    if (this.programme === first && this.preview === second) return 1 - position
    return this.programme === second && this.preview === first ? position : null
  }

  /** All of it as plain data, which can be set again. */
  get state () {
    return structuredClone({ programme: this.programme, preview: this.preview, transition: this.transition, black: this.black })
  }

  set state ({ programme, preview, transition, black }) {
    Object.assign(this, structuredClone({ programme, preview, transition, black }))
  }

  /**
   * Go on with sources that have changed: a renamed one stays on its bus; in the place of one that is no more comes the free one of the
   * fader's two, else black.
   *
   * @param {(name: string) => string|undefined} nameOf what a source is called now
   * @param {string[]} faderSources see moveFader
   */
  follow (nameOf, faderSources) {
    const now = [this.programme, this.preview].map((name) => nameOf(name) ?? BLACK)
    // Of two sources with one name, the first has gone: the second has its name now.
    if (now[1] === now[0]) now[1] = BLACK
    const free = faderSources.filter((name) => !now.includes(name))
    ;[this.programme, this.preview] = now.map((name) => name === BLACK ? free.shift() ?? BLACK : name)
  }

  /** Fade the programme to black or back, in so many frames. */
  fadeToBlack ({ isBlack, frames }) {
    const { position } = this.black
    this.black = { position, from: position, to: isBlack ? 1 : 0, frames: Math.max(1, frames), passed: 0 }
  }

  /**
   * One frame: what is to be seen on it.
   *
   * @returns {{programme: string, preview: string, position: number, kind: string|null, direction: string|undefined, black: number}}
   *   positions at the end of this frame
   */
  tick () {
    const { programme, preview, transition } = this
    const shown = { programme, preview, position: 0, kind: null, direction: undefined, black: this.#stepBlack() }
    if (transition === null) return shown
    if (transition.passed < transition.frames) transition.passed += 1
    transition.position = transition.from + (transition.to - transition.from) * transition.passed / transition.frames
    Object.assign(shown, { position: transition.position, kind: transition.kind, direction: transition.direction })
    const isOver = transition.passed >= transition.frames
    if (isOver && transition.to >= 1) this.cut()
    else if (isOver && transition.to <= 0) this.transition = null
    return shown
  }

  #stepBlack () {
    const { black } = this
    if (black.passed < black.frames) {
      black.passed += 1
      black.position = black.from + (black.to - black.from) * black.passed / black.frames
    }
    return black.position
  }
}

module.exports = { BLACK, Buses, MIX, WIPE }
