'use strict'

const { MIX, WIPE } = require('./mixing/buses')
const { WIPE_DIRECTIONS } = require('./pictures/blend')
const { WrongCommand } = require('./wrong-command')

const MOST_FRAMES = 60 * 3600

function wholeFrames (frames) {
  if (Number.isInteger(frames) && frames >= 1 && frames <= MOST_FRAMES) return frames
  throw new WrongCommand(`frames must be a whole number from 1 to ${MOST_FRAMES}, not ${JSON.stringify(frames)}`)
}

function part (name, value) {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  throw new WrongCommand(`${name} must be a number from 0 to 1, not ${JSON.stringify(value)}`)
}

function transitionOf ({ kind = MIX, direction }) {
  if (kind !== MIX && kind !== WIPE) throw new WrongCommand(`kind must be ${MIX} or ${WIPE}, not ${JSON.stringify(kind)}`)
  if (kind === WIPE && !WIPE_DIRECTIONS.includes(direction)) {
    throw new WrongCommand(`direction must be one of ${WIPE_DIRECTIONS.join(', ')}, not ${JSON.stringify(direction)}`)
  }
  return { kind, direction }
}

/**
 * What an operator may ask of an engine: the one set of commands behind Node-RED's messages, HTTP and every desk.
 *
 * Each takes the engine and the command's own properties.
 */
const COMMANDS = {
  /** {source} on programme at once; without one, preview. */
  cut: (engine, { source = engine.buses.preview }) => engine.buses.cutTo(engine.sourceNamed(source).name),
  /** {source} on preview. */
  preset: (engine, { source }) => engine.buses.preset(engine.sourceNamed(source).name),
  /** {kind, direction, frames}: preview comes to programme. */
  auto: (engine, command) => engine.buses.auto({ ...transitionOf(command), frames: wholeFrames(command.frames) }),
  /** {position 0..1, kind, direction}: the T-bar stands there. */
  position: (engine, command) =>
    engine.buses.moveTo({ ...transitionOf(command), position: part('position', command.position), frames: 1 }),
  /** {fader 0..1, seconds}: source 1 is seen alone at 1, source 2 at 0. */
  fader: (engine, { fader, seconds = 0 }) => {
    if (!engine.moveFader(part('fader', fader), seconds)) throw new WrongCommand('the fader moves between sources 1 and 2: put them on the two buses first')
  },
  /** {isBlack, frames}: the whole programme. */
  fadeToBlack: (engine, { isBlack = true, frames = 25 }) => engine.buses.fadeToBlack({ isBlack, frames: wholeFrames(frames) }),
  /** {source, gainDb}: of its sound. */
  gain: (engine, { source, gainDb }) => {
    if (typeof gainDb !== 'number' || gainDb > 20 || gainDb < -80) throw new WrongCommand('gainDb must be a number from -80 to 20')
    engine.sourceNamed(source).setGain(gainDb)
  },
  /** {source, isMuted} */
  mute: (engine, { source, isMuted = true }) => engine.sourceNamed(source).mute(isMuted)
}

/**
 * Carry out a command.
 *
 * @param {Engine} engine
 * @param {object} command `command`, one of COMMANDS, and its properties
 * @throws {WrongCommand}
 */
function carryOut (engine, command) {
  const action = Object.hasOwn(COMMANDS, command.command) ? COMMANDS[command.command] : null
  if (!action) throw new WrongCommand(`command must be one of ${Object.keys(COMMANDS).join(', ')}, not ${JSON.stringify(command.command)}`)
  action(engine, command)
}

module.exports = { carryOut }
