import { releaseFile } from '../drivers/accel/accel.ts';
import { exitHandler as accelExitHandler, mmExit as accelMmExit } from '../drivers/accel/exit.ts';
import { faultHandler } from '../drivers/accel/fault.ts';
import { processAlloc, processFree } from '../drivers/arm-smmu-v3/asid.ts';
import { attachStream, detachStream } from '../drivers/arm-smmu-v3/attach.ts';
import { allocDomain } from '../drivers/arm-smmu-v3/domain-alloc.ts';
import { drainPriQueues } from '../drivers/arm-smmu-v3/drain.ts';
import { invalidatePages } from '../drivers/arm-smmu-v3/invalidate.ts';
import { mapPage, syncPages, unmapPages } from '../drivers/arm-smmu-v3/io-pgtable.ts';
import { respondToGroup } from '../drivers/arm-smmu-v3/page-response.ts';
import { attachPrivate, detachPrivate } from '../drivers/arm-smmu-v3/private-pasid.ts';
import { processAttach, processDetach, processExit } from '../drivers/arm-smmu-v3/process-ops.ts';
import { releaseContainer } from '../drivers/vfio/release.ts';
import { askHandler } from '../faults/domain-handler.ts';
import { commitHardwareQueues, flushFaults } from '../faults/flush.ts';
import { pageResponse } from '../faults/report.ts';
import { wireBroadcast } from '../hardware/cpu-mmu.ts';
import { hearInvalidation } from '../hardware/smmuv3/broadcast.ts';
import { releaseProcess } from '../iommu/exit.ts';
import * as dma from '../iommu/map.ts';
import { invalidateProcess } from '../iommu/notifier.ts';
import * as ops from '../iommu/ops.ts';
import { attachPasid, detachPasid } from '../iommu/private-pasid.ts';
import { invalidateRange, mmReleased } from '../process/notifier.ts';
import { fileReleased } from '../process/open-file.ts';

const SMMUV3 = 'smmuv3';

/** The only table of function pointers: which procedure stands behind each hook. */
export function wire(): void {
  mmReleased.wire(releaseProcess.at.find);
  invalidateRange.wire((range) => invalidateProcess.at.begin({ ...range, after: -1 }));
  fileReleased.wire(({ mm, minor }) => releaseFile.at.release({ mm, device: minor }), 'accel');
  fileReleased.wire(({ minor }) => releaseContainer.at.next({ container: minor }), 'vfio');
  wireBroadcast(hearInvalidation);
  ops.faultQueueFlush.wire(flushFaults.at.begin);
  ops.exitHandler.wire(accelExitHandler.at.stop);
  ops.mmExit.wire(accelMmExit.at.stop);
  commitHardwareQueues.wire(drainPriQueues.at.begin);

  ops.processAlloc.wire(processAlloc.at.pin, SMMUV3);
  ops.processFree.wire(processFree.at.unpin, SMMUV3);
  ops.processAttach.wire(({ device, process, first }) => processAttach.at.check({ device, process, first }), SMMUV3);
  ops.processDetach.wire(processDetach.at.begin, SMMUV3);
  ops.processExit.wire(({ domain, process }) => processExit.at.handlers({ domain, process, next: 0 }), SMMUV3);
  ops.mmRelease.wire((locals) => processExit.at.entry({ ...locals, after: -1 }), SMMUV3);
  ops.processInvalidate.wire(invalidatePages, SMMUV3);
  ops.attachDev.wire(attachStream.at.body, SMMUV3);
  ops.domainAlloc.wire(allocDomain.at.alloc, SMMUV3);
  ops.detachDev.wire(({ device }) => detachStream.at.abort({ device }), SMMUV3);
  askHandler.wire(faultHandler.at.handle);
  attachPasid.wire(attachPrivate.at.tables, SMMUV3);
  detachPasid.wire(({ space }) => detachPrivate.at.entry({ space }), SMMUV3);
  dma.opsMap.wire(mapPage.at.map, SMMUV3);
  dma.opsUnmap.wire(unmapPages.at.unmap, SMMUV3);
  dma.opsSync.wire((locals) => syncPages.at.tlb({ ...locals, done: 0 }), SMMUV3);
  pageResponse.wire(respondToGroup.at.respond, SMMUV3);
}
