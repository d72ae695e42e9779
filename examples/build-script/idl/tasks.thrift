/** What there is to do, and a service that keeps it. */
namespace rs tasks
namespace py tasks

include "shared/people.thrift"

enum Priority {
  LOW = 1,
  NORMAL = 2,
  HIGH = 3,
}

struct Task {
  1: required string title,
  2: Priority priority = Priority.NORMAL,
  3: optional people.Person owner,
  4: map<string, string> labels,
  5: list<Task> parts,
}

/** Which tasks to list. */
union Filter {
  1: Priority priority,
  2: people.Person owner,
}

exception NoSuchTask {
  1: i64 id,
}

service Tasks {
  /** Keeps the task, and gives it an id. */
  i64 add(1: Task task),
  /** The task with this id. */
  Task get(1: i64 id) throws (1: NoSuchTask missing),
  /** The ids of all tasks that pass the filter. */
  list<i64> find(1: Filter filter),
}
