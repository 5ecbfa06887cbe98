/** The time in a backup's id, which is that of its snapshot to the second, ISO. */
export function snapshotTimeOf(id: string): string {
  const [, year, month, day, hour, minute, second] =
    /-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[a-z2-7]{4}$/.exec(id) ?? [];
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
}
