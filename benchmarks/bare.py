"""What the API is measured against: an application with one route and nothing else."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def root() -> dict[str, str]:
    """Answer with as little as possible."""
    return {"hello": "world"}
