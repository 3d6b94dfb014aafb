import { releaseFile } from '../drivers/accel/accel.ts';
import { exitHandler as accelExitHandler, mmExit as accelMmExit } from '../drivers/accel/exit.ts';
import { faultHandler } from '../drivers/accel/fault.ts';
import * as asid from '../drivers/arm-smmu-v3/asid.ts';
import { attachStream, detachStream } from '../drivers/arm-smmu-v3/attach.ts';
import * as armCommands from '../drivers/arm-smmu-v3/command-queue.ts';
import * as armDomain from '../drivers/arm-smmu-v3/domain-alloc.ts';
import { drainPriQueues } from '../drivers/arm-smmu-v3/drain.ts';
import * as armCaches from '../drivers/arm-smmu-v3/invalidate.ts';
import * as armTables from '../drivers/arm-smmu-v3/io-pgtable.ts';
import * as armResponse from '../drivers/arm-smmu-v3/page-response.ts';
import * as armPrivate from '../drivers/arm-smmu-v3/private-pasid.ts';
import * as arm from '../drivers/arm-smmu-v3/process-ops.ts';
import { SMMUV3 } from '../drivers/arm-smmu-v3/silicon.ts';
import { attachContext, detachContext } from '../drivers/riscv-iommu/attach.ts';
import * as riscvCommands from '../drivers/riscv-iommu/command-queue.ts';
import * as riscvDomain from '../drivers/riscv-iommu/domain-alloc.ts';
import { drainPageQueues } from '../drivers/riscv-iommu/drain.ts';
import * as riscvCaches from '../drivers/riscv-iommu/invalidate.ts';
import * as riscvTables from '../drivers/riscv-iommu/io-pgtable.ts';
import * as riscvResponse from '../drivers/riscv-iommu/page-response.ts';
import * as riscvPrivate from '../drivers/riscv-iommu/private-pasid.ts';
import * as riscv from '../drivers/riscv-iommu/process-ops.ts';
import { RISCV_IOMMU } from '../drivers/riscv-iommu/silicon.ts';
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
import { wireSilicon } from '../iommu/silicon.ts';
import { invalidateRange, mmReleased } from '../process/notifier.ts';
import { fileReleased } from '../process/open-file.ts';

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
  askHandler.wire(faultHandler.at.handle);
  wireSmmuv3(SMMUV3.backend);
  wireRiscv(RISCV_IOMMU.backend);
}

function wireSmmuv3(backend: string): void {
  wireSilicon('arm64', SMMUV3);
  ops.processAlloc.wire(asid.processAlloc.at.pin, backend);
  ops.processFree.wire(asid.processFree.at.unpin, backend);
  ops.processAttach.wire(
    ({ device, process, first }) => arm.processAttach.at.check({ device, process, first }),
    backend,
  );
  ops.processDetach.wire(arm.processDetach.at.begin, backend);
  ops.processExit.wire(({ domain, process }) => arm.processExit.at.handlers({ domain, process, next: 0 }), backend);
  ops.mmRelease.wire((locals) => arm.processExit.at.entry({ ...locals, after: -1 }), backend);
  ops.processInvalidate.wire(armCaches.invalidatePages, backend);
  ops.attachDev.wire(attachStream.at.body, backend);
  ops.domainAlloc.wire(armDomain.allocDomain.at.alloc, backend);
  ops.detachDev.wire(({ device }) => detachStream.at.abort({ device }), backend);
  ops.releaseDev.wire(({ iommu }) => armCommands.issueSync.at.insert({ smmu: iommu }), backend);
  commitHardwareQueues.wire(drainPriQueues.at.begin, backend);
  attachPasid.wire(armPrivate.attachPrivate.at.tables, backend);
  detachPasid.wire(({ space }) => armPrivate.detachPrivate.at.entry({ space }), backend);
  dma.opsMap.wire(armTables.mapPage.at.map, backend);
  dma.opsUnmap.wire(armTables.unmapPages.at.unmap, backend);
  dma.opsSync.wire((locals) => armTables.syncPages.at.tlb({ ...locals, done: 0 }), backend);
  pageResponse.wire(armResponse.respondToGroup.at.respond, backend);
}

function wireRiscv(backend: string): void {
  wireSilicon('riscv', RISCV_IOMMU);
  ops.processAlloc.wire(riscv.processAlloc.at.tag, backend);
  ops.processFree.wire(riscv.processFree.at.untag, backend);
  ops.processAttach.wire(
    ({ device, process, first }) => riscv.processAttach.at.check({ device, process, first }),
    backend,
  );
  ops.processDetach.wire(riscv.processDetach.at.begin, backend);
  ops.processExit.wire(({ domain, process }) => riscv.processExit.at.handlers({ domain, process, next: 0 }), backend);
  ops.mmRelease.wire((locals) => riscv.processExit.at.entry({ ...locals, after: -1 }), backend);
  ops.processInvalidate.wire(riscvCaches.invalidatePages, backend);
  ops.attachDev.wire(attachContext.at.body, backend);
  ops.domainAlloc.wire(riscvDomain.allocDomain.at.alloc, backend);
  ops.detachDev.wire(detachContext.at.clear, backend);
  ops.releaseDev.wire(riscvCommands.issueFence.at.insert, backend);
  commitHardwareQueues.wire(drainPageQueues.at.begin, backend);
  attachPasid.wire(riscvPrivate.attachPrivate.at.tables, backend);
  detachPasid.wire(({ space }) => riscvPrivate.detachPrivate.at.entry({ space }), backend);
  dma.opsMap.wire(riscvTables.mapPage.at.map, backend);
  dma.opsUnmap.wire(riscvTables.unmapPages.at.unmap, backend);
  dma.opsSync.wire((locals) => riscvTables.syncPages.at.tlb({ ...locals, done: 0 }), backend);
  pageResponse.wire(riscvResponse.respondToGroup.at.respond, backend);
}
