"""A run as a pandas table, a row for each instance; any folder of a run can be opened again with Run(folder)."""

from selfinstruct import Run, run

run("alpaca", num=40, out="runs/alpaca")
table = Run("runs/alpaca").to_pandas()
table["words"] = table["output"].str.split().str.len()
print(table.groupby("is_classification", dropna=False)["words"].describe())
