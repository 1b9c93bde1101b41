'use strict'

/** Kill a child that leads a process group, with all of the group; what has ended already is left. */
function killGroup (child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error
  }
}

/** End a child that leads a process group: by SIGTERM, or after `ms` killed. Resolves when it and its group are gone. */
function endChild (child, ms) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => killGroup(child), ms)
    child.once('exit', () => {
      clearTimeout(timer)
      killGroup(child)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

module.exports = { endChild, killGroup }
