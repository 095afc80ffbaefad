// The tree "Course": days, lessons, exercises, as `coach contents --json` lists them, with the marks known so far.
const vscode = require('vscode');
const { fileOf } = require('./marks');

const ICONS = { right: 'pass-filled', wrong: 'error', unwritten: 'circle-large-outline' };

class Tree {
  constructor(ask, marks) {
    this.ask = ask;
    this.marks = marks;
    this.onChange = new vscode.EventEmitter();
    this.onDidChangeTreeData = this.onChange.event;
    this.lessons = undefined;
    marks.changed.event(() => this.onChange.fire());
  }

  /** Asks for the contents anew: a file was begun, or lines have moved. */
  async refresh() {
    this.lessons = (await this.ask('contents')).filter(one => one.kind === 'contents');
    this.onChange.fire();
  }

  async getChildren(node) {
    if (!this.lessons) {
      try {
        this.lessons = (await this.ask('contents')).filter(one => one.kind === 'contents');
      } catch (error) {
        return [{ trouble: error.message }];
      }
    }
    if (!node) return [...new Set(this.lessons.map(lesson => lesson.day))].map(day => ({ day }));
    if (node.lesson) return node.lesson.exercises.map(exercise => ({ exercise, of: node.lesson }));
    return this.lessons.filter(lesson => lesson.day === node.day).map(lesson => ({ lesson }));
  }

  getTreeItem(node) {
    if (node.trouble) return this.trouble(node.trouble);
    if (node.day !== undefined) return this.day(node.day);
    return node.lesson ? this.lesson(node.lesson) : this.exercise(node.exercise, node.of);
  }

  trouble(why) {
    const item = new vscode.TreeItem(why);
    item.iconPath = new vscode.ThemeIcon('warning');
    item.tooltip = why;
    item.command = { command: 'course.doctor', title: '' };
    return item;
  }

  day(day) {
    const lessons = this.lessons.filter(lesson => lesson.day === day), begun = lessons.some(lesson => lesson.begun);
    const zh = this.chinese;
    const item = new vscode.TreeItem(zh ? `第 ${day} 天` : `Day ${day}`, begun ? 2 : 1);
    const minutes = lessons.reduce((sum, lesson) => sum + lesson.minutes, 0);
    item.description = hours(minutes, zh);
    item.id = `day ${day}`;
    return item;
  }

  lesson(lesson) {
    const file = fileOf(lesson.path), zh = this.chinese;
    const right = lesson.exercises.filter(({ name }) => this.marks.mark(file, name) === 'right').length;
    const item = new vscode.TreeItem(lesson.title.split(' · ').slice(1).join(' · ') || lesson.title, lesson.begun ? 2 : 1);
    item.description = lesson.begun ? `✓ ${right} / ${lesson.exercises.length}` : hours(lesson.minutes, zh);
    item.tooltip = lesson.title;
    item.iconPath = new vscode.ThemeIcon(lesson.begun ? 'book' : 'circle-outline');
    item.contextValue = lesson.begun ? 'begun' : 'unbegun';
    item.id = lesson.lesson;
    if (!lesson.begun) item.command = { command: 'course.start', title: '', arguments: [lesson.lesson] };
    return item;
  }

  exercise(exercise, lesson) {
    const file = fileOf(lesson.path), mark = this.marks.mark(file, exercise.name);
    const item = new vscode.TreeItem(exercise.title);
    item.description = `${exercise.minutes} ${this.chinese ? '分钟' : 'min'}${exercise.bonus ? ' ☆' : ''}`;
    item.tooltip = exercise.name;
    item.iconPath = new vscode.ThemeIcon(ICONS[mark], mark === 'unwritten' ? undefined : new vscode.ThemeColor(mark === 'right' ? 'testing.iconPassed' : 'testing.iconFailed'));
    item.id = `${lesson.lesson}.${exercise.name}`;
    if (lesson.begun) item.command = { command: 'course.goTo', title: '', arguments: [file, exercise.name] };
    return item;
  }

  /** Titles come in coach's language: the words beside them follow. */
  get chinese() {
    return /[一-鿿]/.test(this.lessons?.[0]?.title ?? '');
  }

  dispose() {
    this.onChange.dispose();
  }
}

function hours(minutes, zh) {
  const whole = Math.round(minutes / 30) / 2;
  return zh ? `约 ${whole} 小时` : `about ${whole} h`;
}

module.exports = { Tree };
