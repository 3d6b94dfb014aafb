/** A bug that can be put into the kernel: it changes one guard or one order, and is read at one place (`hasBug`). */
export interface Switch {
  /** What goes wrong, as a heading. */
  readonly title: string;
  /** The story in one sentence. */
  readonly story: string;
  readonly changes: 'a guard' | 'an order';
  /** The step of the machine at which it is read. */
  readonly step: string;
  /** Steps that no kernel has without it. */
  readonly adds?: readonly string[];
  /** The rule with the bug, and as it should be: short enough to stand side by side. */
  readonly before: string;
  readonly after: string;
  readonly origin: Origin;
  /** What of the original this machine has, and what stands for the rest. */
  readonly carried: string;
  /** The original is about other silicon: here is its mechanism. */
  readonly byMechanism: boolean;
}

/** Where a bug comes from. */
export interface Origin {
  /** The driver or the part of the kernel that had it. */
  readonly driver: string;
  /** The commit that mended it, or the mail that found it; null: hypothetical, the rule is real and no release broke it. */
  readonly source: string | null;
  /** Where the rule is stated. */
  readonly rule: string;
  /** What was said about it, word for word; null: the words of nobody else. */
  readonly quote: Quote | null;
  /** What is to be known besides, in our words. What stands in quotation marks is quoted. */
  readonly said: string;
}

/** A sentence or two of a commit, a mail or a comment in the code. */
export interface Quote {
  readonly words: string;
  readonly who: string;
  /** The day, or as much as is known of it. */
  readonly when: string;
  /** The commit, the Message-Id of the mail, or the function that the comment stands in. */
  readonly where: string;
}

/** Who said it, when and where, as it stands behind the words. */
export const bylineOf = ({ who, when, where }: Quote): string => `${who}, ${when}, ${where}`;

export const VTD = 'Intel VT-d (drivers/iommu/intel)';
export const SMMU = 'Arm SMMUv3 (drivers/iommu/arm/arm-smmu-v3)';
