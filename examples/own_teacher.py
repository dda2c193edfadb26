"""A function as the teacher, from prompt to text, sync or async: any library or server that can answer will do."""

from selfinstruct import run


def parrot(prompt: str) -> str:
    return f"You asked: {prompt}"


questions = [{"instruction": "Name a river in Africa."}, {"instruction": "Name a river in Asia."}]
print(run("respond", data=questions, teacher=parrot, out="runs/parrot"))
