/** The sheet of keys and signs. */
export const help = {
  title: 'Keyboard and legend',
  close: 'Close',
  keys: [
    ['Right, Left', 'step forward, step back'],
    ['. and ,', 'the same, wherever the focus is but in a text'],
    ['Space', 'play or pause'],
    ['Home, End', 'on the slider: first and last event'],
    ['Up, Down', 'in the picture: from thing to thing of a column; Enter inspects'],
    ['Right, Left there', 'to where a thing leads, as a walk goes, and back'],
    ['N, P', 'run to the next stop of the watches, back to the previous one'],
    ['W', 'why: which event made this so, and what led to it'],
    ['?', 'this page'],
  ],
  patterns: 'Patterns beside hues: stripes, dots and bars tell whose memory it is',
  legend: [
    ['Hue', 'whose memory it is; the pill with the PASID carries it everywhere'],
    ['Filled, hollow, dashed red', 'a page with a frame, without one, asked for now'],
    ['Struck through', 'a page that lies on the swap device'],
    ['Dot inside', 'a frame that is pinned: it stays where it is'],
    ['Half a tick', 'an entry that leads nowhere, as that of a swapped page'],
    ['Solid, dashed walk', 'the CPU walks, a device walks'],
    [
      'Lines of the chart',
      'solid with an open head: a call; with a full head: across a bus; dashed: a response; dotted: a wake-up; double: waits for a lock; cut short: to a hidden actor',
    ],
    ['Dashed and struck through', 'gone with this event: it was there before'],
    ['Under the chapters', 'how much happens there, by whom; red: a fault'],
    ['Triangle above, below a queue', 'where the producer writes next, where the consumer reads next'],
    ['Hatched', 'stale: the page tables no longer say so'],
    ['Bar at the left', 'changed by this event'],
  ],
} as const;
