/**
 * What the page knows of the emulator: types alone, all of them from the engine's protocol. Parts of a view have the
 * names here that they have in the core.
 */
import type { Answer, Engine, Moment, RunInfo } from '../../core/worker/protocol.ts';

export type {
  Alignment,
  Beside,
  BesideRow,
  Budget,
  Configuration,
  Engine,
  Exhibit,
  ExhibitView,
  Explored,
  ExploreProgress,
  Granularity,
  InvariantsView,
  LineView,
  Moment,
  MovesView,
  Opened,
  PolicyInfo,
  RunInfo,
  RunReport,
  ScenarioInfo,
  Source,
  Spoken,
  Standing,
  StreamPlan,
  SweepPoint,
  Taken,
  TakenAway,
  ThingDiff,
  Way,
  WordView,
} from '../../core/worker/protocol.ts';

/** What an engine's method answers. */
type Answered<Method extends keyof Engine> = Awaited<ReturnType<Engine[Method]>>;

export type Diagnostic = Extract<Answer<never>, { ok: false }>['diagnostics'][number];
/** A word that completion offers for the console. */
export type Offer = Answered<'complete'>[number];
export type EventView = Answered<'events'>[number];
export type DensityView = Answered<'density'>;
export type MessageView = Answered<'messages'>[number];
export type InspectionView = NonNullable<Answered<'inspect'>>;
export type WhyView = NonNullable<Answered<'why'>>;
export type WatchView = Answered<'watch'>[number];
export type TurnView = Answered<'moves'>['turns'][number];
export type RecordView = InspectionView['records'][number];
export type BitsView = RecordView['bits'][number];

export type ChapterView = RunInfo['chapters'][number];
export type LaneView = RunInfo['lanes'][number];

export type MachineView = Moment['view'];

export type ProcessView = MachineView['processes'][number];
export type VmaView = ProcessView['vmas'][number];
export type CellView = VmaView['cells'][number];
export type ActorView = ProcessView['threads'][number];
export type KernelView = MachineView['kernel'];

export type TreeView = MachineView['trees'][number];
export type DmaTreeView = MachineView['dmaTrees'][number];
export type LevelView = TreeView['levels'][number];
export type TableView = LevelView['tables'][number];
export type LeafView = TreeView['leaves'][number];
export type WalkView = NonNullable<TreeView['walk']>;

export type IommuView = MachineView['iommus'][number];
export type StreamView = IommuView['streams'][number];
export type PasidTableView = IommuView['pasidTables'][number];
export type PasidRowView = PasidTableView['rows'][number];
export type CacheView = IommuView['iotlb'];
export type CacheEntryView = CacheView['entries'][number];
export type QueueView = IommuView['queues'][number];
export type SlotView = QueueView['slots'][number];
export type StallView = IommuView['stalls']['held'][number];
export type MemoryView = MachineView['memory'];

export type GroupView = MachineView['groups'][number];
export type DeviceView = GroupView['devices'][number];
export type JobView = DeviceView['jobs'][number];
export type RequestView = DeviceView['requests'][number];
