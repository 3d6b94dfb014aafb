/** What the page knows of the emulator: types alone. The one place that says where they come from. */
export type {
  ActorView,
  BitsView,
  CacheEntryView,
  CacheView,
  CellView,
  ChapterView,
  DeviceView,
  EntryView,
  GroupView,
  InspectionView,
  IommuView,
  JobView,
  KernelView,
  LaneView,
  LeafView,
  LevelView,
  MachineView,
  MessageView,
  NowView,
  PasidRowView,
  PasidTableView,
  ProcessView,
  QueueView,
  RecordView,
  RequestView,
  SlotView,
  StreamView,
  TableView,
  TreeView,
  VmaView,
  WalkView,
} from '../../core/export/view.ts';
export type {
  Answer,
  Engine,
  Granularity,
  Moment,
  Opened,
  RunInfo,
  RunReport,
  ScenarioInfo,
  Source,
  Spoken,
} from '../../core/worker/protocol.ts';

import type { Answer, Engine } from '../../core/worker/protocol.ts';

/** A word that completion offers for the console. */
export type Offer = Awaited<ReturnType<Engine['complete']>>[number];

/** What is wrong in a text that a person gave, and where. */
export type Diagnostic = Extract<Answer<never>, { ok: false }>['diagnostics'][number];
