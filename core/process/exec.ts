import { call, done, fail, procedure, RESULT, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import { allocateMm, mmdrop, mmgrab } from './mm.ts';
import { mmput } from './mmput.ts';
import { closeFile, fileInWords, openFileOf } from './open-file.ts';
import { dropPins } from './pin.ts';
import { pins } from './pins.ts';
import { loadProgram } from './program.ts';
import { tasks } from './task.ts';

/**
 * The only thread of a process becomes another program: its old address space ends as at exit, with all bonds, the new
 * one is empty and unknown to any device. Device files are closed on exec. Returns 0 or -ENOMEM.
 */
const doExecve = procedure(
  'do_execve',
  'mm',
  {
    alloc: ['task', 'program'],
    memory: ['task', 'program', 'copy'],
    files: ['task', 'program', 'mm'],
    unpin: ['task', 'program', 'mm'],
    load: ['task', 'program', 'mm'],
  },
  (go) => ({
    alloc: step(
      'makes an empty mm for the new program',
      { cite: 'fs/exec.c bprm_mm_init()', cost: 'fault' },
      (world, { task, program }) => {
        const fresh = allocateMm(world, tasks.get(world, task).name);
        return fresh.ok ? go.memory({ task, program, copy: fresh.value }) : fail(fresh.error);
      },
    ),
    memory: step(
      'takes the new mm and gives up the old',
      { cite: 'fs/exec.c exec_mmap()' },
      (world, { task, program, copy }) => {
        const { mm } = tasks.get(world, task);
        tasks.edit(world, task, (row) => {
          row.mm = copy;
        });
        mmgrab(world, mm);
        return call(mmput.at.put({ mm }), go.files({ task, program, mm }));
      },
    ),
    files: step('closes its device files: {file}', { cite: 'fs/file.c do_close_on_exec()' }, (world, locals) => {
      const file = openFileOf(world, locals.mm);
      tell(world, { file: file === undefined ? 'none is open' : fileInWords(world, file) });
      if (file === undefined) return go.unpin(locals);
      return call(closeFile(world, file), go.files(locals));
    }),
    unpin: step('unpins what was pinned through them: {pages}', { cite: 'mm/swap.c put_page()' }, (world, locals) => {
      const own = pins.all(world).filter(({ mm }) => mm === locals.mm);
      tell(world, { pages: dropPins(world, own) });
      return go.load(locals);
    }),
    load: step(
      'maps the new program',
      { cite: 'fs/binfmt_elf.c load_elf_binary()' },
      (world, { task, program, mm }) => {
        mmdrop(world, mm);
        loadProgram(world, tasks.get(world, task).mm, program);
        return done();
      },
    ),
  }),
);

/** execve() of a process with one thread; `program`: the file of the new program. */
export const sysExec = procedure('execve', 'self', { call: ['task', 'program'], back: ['result'] }, (go) => ({
  call: step('calls execve()', { cite: 'fs/exec.c execve()', cost: 'syscall' }, (_world, { task, program }) =>
    call(doExecve.at.alloc({ task, program }), go.back({ result: RESULT })),
  ),
  back: step('begins the new program', { cite: 'fs/exec.c execve()' }, (_world, { result }) => done(result)),
}));
